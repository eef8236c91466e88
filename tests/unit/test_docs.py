"""The docs name every command and every variable that exists, and no other."""

from __future__ import annotations

import re
import subprocess

import pytest
import typer

from dpg_warehouse.cli.main import app
from dpg_warehouse.settings import PROJECT_ROOT

OPERATIONS = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = OPERATIONS.split("## Commands")[1].split("## Environment")[0]
ENVIRONMENT = OPERATIONS.split("## Environment")[1].split("## DAGs")[0]


def command_names() -> set[str]:
    group = typer.main.get_command(app)
    names = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        names |= {f"{name} {part}" for part in inner} if inner else {name}
    return names


def test_every_command_is_documented_and_no_other() -> None:
    # In code spans a command comes first: `dpgw stack up`, `dpgw ingest SOURCE`.
    documented = {
        " ".join(word for word in match.split()[:2] if word.islower() and word.isalpha())
        for match in re.findall(r"`dpgw ([a-z][^`]*)`", COMMANDS)
    }
    assert documented == command_names()


@pytest.mark.parametrize("name", sorted(command_names()))
def test_every_command_has_help_with_an_example(name: str) -> None:
    group = typer.main.get_command(app)
    command = group
    for part in name.split():
        command = command.commands[part]  # type: ignore[attr-defined]
    assert "Example:" in (command.help or "")
    assert "dpgw" in (command.help or "").split("Example:")[1]


def test_every_variable_is_documented_and_no_other() -> None:
    tracked = subprocess.run(
        ["git", "grep", "-hoE", r"\b(DPGW_[A-Z_]+|WAREHOUSE_URL)\b", "--", "dpg_warehouse", "dags"],  # noqa: S607
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    # DPGW_DBT_… and DPGW_DEBUG are set by the program for itself.
    own = ("DPGW_DBT_", "DPGW_DEBUG", "DPGW_HOME_")
    read = {name.rstrip("_") for name in tracked.stdout.split() if not name.startswith(own)}
    documented = set(re.findall(r"`(DPGW_[A-Z_]+|WAREHOUSE_URL)(?:<ID>)?`", ENVIRONMENT))
    assert {name.rstrip("_") for name in documented} == read
