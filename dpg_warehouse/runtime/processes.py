"""Background processes of our own: started once, found again, and stopped with all their children."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from dpg_warehouse.logins import write_private

# How long a process may take to end by itself. Airflow's take 10 s and more, most of it to tidy up
# memory that the system reclaims anyway; who is stopped half way through a task repeats it.
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Background:
    """One background process: `record` says which it is, `log` holds its output."""

    name: str
    record: Path
    log: Path

    def start(self, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start it in a session of its own, unless it runs already. No secret may be in `command`."""
        if self.process() is not None:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            started = subprocess.Popen(  # noqa: S603 - our own programs, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )
        # The times tell it from a stranger that has its number later, or after a reboot.
        entry = {
            "pid": started.pid,
            "started": psutil.Process(started.pid).create_time(),
            "boot": psutil.boot_time(),
        }
        write_private(self.record, json.dumps(entry))

    def process(self) -> psutil.Process | None:
        """The running process, or None."""
        entry = self._entry()
        if entry is None:
            return None
        try:
            process = psutil.Process(int(entry["pid"]))
            is_ours = abs(process.create_time() - entry["started"]) < 1
            return process if is_ours and _is_alive(process) else None
        except psutil.NoSuchProcess:
            return None

    def session(self) -> int | None:
        """The session that it began, which its children stay in when it has died."""
        entry = self._entry()
        if entry is None or abs(entry["boot"] - psutil.boot_time()) > 1:
            return None
        return int(entry["pid"])

    def last_line(self) -> str:
        """The last line of its log, for an error's sentence."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _entry(self) -> dict[str, float] | None:
        if not self.record.exists():
            return None
        entry: dict[str, float] = json.loads(self.record.read_text(encoding="utf-8"))
        return entry


def stop_all(group: Iterable[Background]) -> list[str]:
    """Stop what runs of the group, all children included; return the names of those that ran."""
    members = list(group)
    running = {one.name: process for one in members if (process := one.process()) is not None}
    sessions = {session for one in members if (session := one.session()) is not None}
    family = _in_sessions(sessions)
    for process in running.values():
        process.terminate()
    _wait_while(_is_alive, running.values())
    # Who has not left by now is made to; new children may have come meanwhile.
    left = {process for process in family if _is_alive(process)} | _in_sessions(sessions)
    for process in left:
        _kill(process)
    # Also until init has taken note of the orphans, so that nobody sees them in a list of processes.
    _wait_while(_is_listed, {*family, *left})
    for one in members:
        one.record.unlink(missing_ok=True)
    return list(running)


def _wait_while(condition: Callable[[psutil.Process], bool], processes: Iterable[psutil.Process]) -> None:
    end = time.monotonic() + PATIENCE_S
    waiting = list(processes)
    while waiting and time.monotonic() < end:
        time.sleep(0.05)
        waiting = [process for process in waiting if condition(process)]


def _is_listed(process: psutil.Process) -> bool:
    return _is_alive(process) or process.is_running()


def _is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie has ended and waits for its parent, or for init, to notice."""
    try:
        if os.getpid() == process.ppid():
            process.wait(timeout=0)
    except psutil.TimeoutExpired:
        return True
    except psutil.NoSuchProcess:
        return False
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _in_sessions(sessions: set[int]) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter():
        try:
            session = os.getsid(process.pid)
        except (ProcessLookupError, PermissionError):
            continue
        if session in sessions:
            found.add(process)
    return found


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
