"""The generated logins of one installation, kept in `DPGW_HOME/logins.json`, readable by its owner alone."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Login:
    """A user's name and password; the password shows in no repr."""

    user: str
    password: str = field(repr=False)


def read_logins(home: Path) -> dict[str, Login]:
    """The logins by name (`loader`, …, `owner`, `airflow`); empty before the first `dpgw up` or `migrate`."""
    path = home / "logins.json"
    if not path.exists():
        return {}
    return {name: Login(**entry) for name, entry in json.loads(path.read_text(encoding="utf-8")).items()}


def ensure_logins(home: Path, users: Mapping[str, str]) -> dict[str, Login]:
    """Generate a password for each of `users` (name -> user) that has none; return all logins."""
    home.mkdir(parents=True, exist_ok=True)
    with file_lock(home / "logins.lock"):
        logins = read_logins(home)
        missing = [name for name in users if name not in logins]
        for name in missing:
            logins[name] = Login(users[name], secrets.token_urlsafe(24))
        if missing:
            entries = {name: asdict(login) for name, login in logins.items()}
            write_private(home / "logins.json", json.dumps(entries, indent=2))
    return logins


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes; the system releases it when its holder dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
