"""Postgres refuses to run as root, so root runs it as another system user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dpg_warehouse.records import WarehouseError

CANDIDATES = ("postgres", "nobody")
# What lets the other user through folders that only root may enter, as when the project lies in
# root's home folder: the lesser capability first; containers often allow the second alone.
CAPABILITIES = (None, "dac_read_search", "dac_override")


@dataclass(frozen=True)
class SystemUser:
    """Runs commands as `user_id`; None is the user that we are already."""

    user_id: int | None = None
    capability: str | None = None

    def run(self, command: list[str], output: IO[bytes] | int | None = subprocess.PIPE) -> tuple[int, str]:
        """Run a command to its end; return its exit code and, unless sent elsewhere, what it printed."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        completed = subprocess.run(  # noqa: S603 - the server's own programs, no shell
            [*self._prefix(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**environment, "LC_ALL": "C"},
            check=False,
        )
        return completed.returncode, (completed.stdout or b"").decode(errors="replace").strip()

    def own(self, path: Path) -> None:
        """Make the user the owner of a file or folder of ours."""
        if self.user_id is not None:
            os.chown(path, self.user_id, pwd.getpwuid(self.user_id).pw_gid)

    def _prefix(self) -> list[str]:
        if self.user_id is None:
            return []
        group = pwd.getpwuid(self.user_id).pw_gid
        drop = ["setpriv", f"--reuid={self.user_id}", f"--regid={group}", "--clear-groups"]
        if self.capability is None:
            return drop
        only = f"-all,+{self.capability}"
        # Without no_setuid_fixup, access(2) would ignore the capability, and Postgres its own binaries.
        return [
            *drop,
            "--securebits=+no_setuid_fixup",
            f"--inh-caps={only}",
            f"--ambient-caps={only}",
            f"--bounding-set={only}",
        ]


def choose_system_user(folder: Path, program: Path) -> SystemUser:
    """Who is to run `program` on `folder`: we ourselves or, if we are root, a user who can reach both."""
    if os.geteuid() != 0:
        return SystemUser()
    if shutil.which("setpriv") is None:
        raise WarehouseError(
            "Postgres refuses to run as root, and the command setpriv (package util-linux) that would"
            " switch the user is missing; install it, or run as another user."
        )
    user_id = _owner_or_candidate(folder)
    for capability in CAPABILITIES:
        user = SystemUser(user_id, capability)
        if user.run(["test", "-x", str(folder)])[0] == 0 and user.run([str(program), "--version"])[0] == 0:
            return user
    raise WarehouseError(
        f"Postgres refuses to run as root, and the system user {pwd.getpwuid(user_id).pw_name} cannot reach"
        f" {folder} and {program.parent}; run as another user, or move the project out of a private folder."
    )


def _owner_or_candidate(folder: Path) -> int:
    data = folder / "data"
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    for name in CANDIDATES:
        if name in known:
            return known[name]
    raise WarehouseError("Postgres refuses to run as root, and this system has no other user; run as one.")
