"""One Postgres cluster of ours: made, started and stopped with the server's own programs."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from dpg_warehouse.logins import Login, write_private
from dpg_warehouse.records import WarehouseError
from dpg_warehouse.runtime.system_user import SystemUser

HOST = "127.0.0.1"
START_ATTEMPTS = 5  # after a kill, the server's children may need a moment to leave

# For a machine with two cores that Airflow shares. Parallel workers are off: they need more shared
# memory than a container gives. A Unix socket's path would be limited to about 100 characters.
SERVER_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A failed statement's message quotes the row that it failed on; who ran it is told, the log isn't.
    "log_min_messages": "log",
}


@dataclass(frozen=True)
class Cluster:
    """A cluster in `folder/data`, run with the programs in `bin_folder`, logging to `log`."""

    folder: Path
    bin_folder: Path
    log: Path
    system_user: SystemUser
    locale: tuple[str, ...] = ("--locale-provider=builtin", "--locale=C.UTF-8")
    settings: dict[str, str] = field(default_factory=lambda: dict(SERVER_SETTINGS))

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def create(self, superuser: Login) -> None:
        """Make the cluster; killed half way, it leaves nothing that looks like one."""
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        password_file = self.folder / "password"
        write_private(password_file, superuser.password)
        self.system_user.own(draft)
        self.system_user.own(password_file)
        try:
            self._run(
                "initdb",
                f"--pgdata={draft}",
                f"--username={superuser.user}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *self.locale,
            )
        finally:
            password_file.unlink()
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in self.settings.items())
        draft.rename(self.data)

    def start(self, port: int) -> None:
        """Start the server and wait until it accepts connections."""
        self._remove_foreign_pid_file()
        command = [str(self.bin_folder / "pg_ctl"), "start", "-w", "-D", str(self.data), "-o", f"-p {port}"]
        for attempt in range(1, START_ATTEMPTS + 1):
            with self.log.open("ab") as log:
                code, _ = self.system_user.run(command, output=log)
            if code == 0:
                return
            if attempt < START_ATTEMPTS:
                time.sleep(0.5 * attempt)
        raise WarehouseError(f"The embedded Postgres did not start; its log is {self.log}.")

    def stop(self) -> bool:
        """Stop the server and wait until it has gone; False if it did not run."""
        process = self.process()
        if process is None:
            return False
        self.system_user.run(
            [str(self.bin_folder / "pg_ctl"), "stop", "-w", "-m", "fast", "-D", str(self.data)]
        )
        try:
            process.wait(timeout=10)
        except psutil.TimeoutExpired as error:
            raise WarehouseError(
                f"The embedded Postgres (process {process.pid}) does not stop; its log is {self.log}."
            ) from error
        return True

    def process(self) -> psutil.Process | None:
        """The running server, or None."""
        pid = self._recorded_pid()
        try:
            process = psutil.Process(pid) if pid else None
            # A pid may belong to somebody else after a reboot or a kill.
            if process is not None and str(self.data) in process.cmdline():
                return process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return None

    def port(self) -> int | None:
        """The port that the running server listens on."""
        if self.process() is None:
            return None
        return int((self.data / "postmaster.pid").read_text().splitlines()[3])

    def _recorded_pid(self) -> int | None:
        path = self.data / "postmaster.pid"
        lines = path.read_text().splitlines() if path.exists() else []
        return int(lines[0]) if lines and lines[0].isdecimal() else None

    def _remove_foreign_pid_file(self) -> None:
        """Remove the pid file where its number is a stranger's by now, for whom Postgres would wait."""
        pid = self._recorded_pid()
        if pid and psutil.pid_exists(pid) and self.process() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str) -> None:
        code, output = self.system_user.run([str(self.bin_folder / program), *arguments])
        if code != 0:
            last = output.splitlines()[-1] if output else "it said nothing"
            raise WarehouseError(f"{program} failed in {self.folder}: {last}")
