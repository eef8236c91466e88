"""Background processes: found again, not confused with strangers, and stopped with their children."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dpg_warehouse.runtime import processes
from dpg_warehouse.runtime.processes import Background, stop_all

SLEEPER = "import time; time.sleep(60)"
PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEPER!r}], process_group=0)
print("ready", flush=True)
{SLEEPER}
"""
STUBBORN = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); {SLEEPER}"
)


@pytest.fixture
def background(tmp_path: Path) -> Iterator[Background]:
    one = Background("one", tmp_path / "run" / "one.json", tmp_path / "logs" / "one.log")
    yield one
    stop_all([one])


def start(background: Background, program: str) -> psutil.Process:
    background.start([sys.executable, "-c", program], os.environ, Path("/"))
    process = background.process()
    assert process is not None
    return process


def wait_until_ready(background: Background) -> None:
    end = time.monotonic() + 20
    while background.last_line() != "ready":
        assert time.monotonic() < end
        time.sleep(0.05)


def test_started_twice_it_is_one_process(background: Background) -> None:
    assert start(background, SLEEPER) == start(background, SLEEPER)


def test_stopping_takes_its_children_along(background: Background) -> None:
    process = start(background, PARENT)
    wait_until_ready(background)
    children = process.children()
    assert children
    assert stop_all([background]) == ["one"]
    assert not any(member.is_running() for member in (process, *children))
    assert background.process() is None


def test_children_of_a_parent_that_died_are_stopped_too(background: Background) -> None:
    process = start(background, PARENT)
    wait_until_ready(background)
    (child,) = process.children()
    process.kill()
    process.wait(5)
    assert child.is_running()
    stop_all([background])
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_who_does_not_leave_is_made_to(background: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE_S", 0.5)
    process = start(background, STUBBORN)
    wait_until_ready(background)
    stop_all([background])
    assert not process.is_running()


@pytest.mark.parametrize("changed", [{"started": 1.0}, {"started": 1.0, "boot": 1.0}])
def test_a_stranger_with_the_same_number_is_left_alone(
    background: Background, changed: dict[str, float]
) -> None:
    stranger = psutil.Popen([sys.executable, "-c", SLEEPER])
    entry = {"pid": stranger.pid, "started": stranger.create_time(), "boot": psutil.boot_time()}
    background.record.parent.mkdir(parents=True)
    background.record.write_text(json.dumps(entry | changed))
    assert stop_all([background]) == []
    assert stranger.is_running()
    stranger.kill()
    stranger.wait()


def test_stopping_what_never_ran_does_nothing(background: Background) -> None:
    assert stop_all([background]) == []
