"""What the environment says, read once and passed on as a value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A variable of the environment has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; see docs/operations.md for each variable.

    `home` is the state folder (generated logins, embedded server, logs, Data Docs).
    `warehouse_url` is an owner's URL of a Postgres of one's own, or None for the embedded server.
    `source_roots` are the folders that hold one folder a source; the project's own comes first.
    """

    home: Path
    warehouse_url: str | None
    source_roots: tuple[Path, ...]
    pseudonym_key: str | None
    min_base: int
    min_cell: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raise SettingsError with one sentence where a value cannot be used."""
        env = os.environ if environment is None else environment
        further = [Path(part).expanduser() for part in env.get("DPGW_SOURCES", "").split(":") if part]
        return cls(
            home=Path(env.get("DPGW_HOME") or PROJECT_ROOT / "var").expanduser().resolve(),
            warehouse_url=env.get("WAREHOUSE_URL") or None,
            source_roots=(PROJECT_ROOT / "sources", *(path.resolve() for path in further)),
            pseudonym_key=env.get("DPGW_PSEUDONYM_KEY") or None,
            min_base=_whole_number(env, "DPGW_MIN_BASE", 10),
            min_cell=_whole_number(env, "DPGW_MIN_CELL", 3),
        )


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{name} is {text!r}; set it to a whole number of at least 1.")
    return int(text)
