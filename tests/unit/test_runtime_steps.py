"""What a person reads while steps go by, and when one fails."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from dpg_warehouse.records import WarehouseError
from dpg_warehouse.runtime.steps import StepError, Steps


@pytest.fixture
def output() -> StringIO:
    return StringIO()


@pytest.fixture
def steps(output: StringIO) -> Steps:
    return Steps(Console(file=output, width=120))


def test_a_finished_step_is_one_line_with_its_time(steps: Steps, output: StringIO) -> None:
    with steps.step("Start Postgres") as tell:
        tell("making its folder")
        tell("making its folder")
    lines = output.getvalue().splitlines()
    assert lines[:2] == ["  Start Postgres", "  Start Postgres: making its folder"]
    assert lines[2].startswith("✓ Start Postgres (")
    assert len(lines) == 3


def test_a_failed_step_says_which_why_and_where_its_log_is(steps: Steps, output: StringIO) -> None:
    with pytest.raises(StepError) as raised, steps.step("Start Airflow", Path("logs/airflow")):
        raise WarehouseError("its scheduler ended.")
    assert str(raised.value) == "It stopped at “Start Airflow”: its scheduler ended. The log is logs/airflow."
    assert "✓" not in output.getvalue()


def test_an_unforeseen_error_does_not_repeat_what_it_holds(steps: Steps) -> None:
    with pytest.raises(StepError, match=r"“Load”: ValueError\.") as raised, steps.step("Load"):
        raise ValueError("somebody@example.org")
    assert "example.org" not in str(raised.value)
