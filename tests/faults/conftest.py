"""A published warehouse that faults are tried on, and the command line as a process that can be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.records import LoadStatus
from dpg_warehouse.settings import Settings
from tests.environments import environment_of
from tests.pulls import ingest_answers, ingest_snapshot, product, snapshot, survey_settings
from tests.queries import marts_rows
from tests.servers_postgres import EMBEDDED, Servers

HEADER = "respondent,email,challenge,team"
ANSWERS = [f"r{n},planted-{n}@example.org,{'licence' if n % 3 else 'money'},{n % 5}" for n in range(1, 31)]


@dataclass
class Published:
    """A warehouse with published marts, and those marts row for row."""

    settings: Settings
    folder: Path
    marts: dict[str, list[str]]


@pytest.fixture(scope="session")
def published(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("published")
    with servers.clean_database(EMBEDDED, folder / "home") as clean:
        settings = survey_settings(clean, folder)
        for day in (1, 2, 3):
            products = [product(number) for number in range(1, 5 + day)]
            ingest_snapshot(settings, snapshot(folder / "snapshots", f"2024-01-0{day}", products))
        assert ingest_answers(settings, ANSWERS, HEADER).status is LoadStatus.ACCEPTED
        assert pipeline.build(settings).status == "published"
        yield Published(settings, folder, marts_rows(settings))


@dataclass
class Command:
    """`dpgw …` as a process."""

    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def finish(self) -> tuple[int, str]:
        """Wait for it; its exit code and what it said."""
        out, err = self.process.communicate(timeout=240)
        return self.process.returncode, out + err


Dpgw = Callable[..., Command]


@pytest.fixture
def dpgw(published: Published) -> Iterator[Dpgw]:
    """Start `dpgw` with arguments on the published warehouse."""
    started: list[Command] = []

    def start(*arguments: str) -> Command:
        command = Command(
            subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-c", "from dpg_warehouse.cli import main; main()", *arguments],
                env=environment_of(published.settings),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        started.append(command)
        return command

    yield start
    for command in started:
        if command.process.poll() is None:
            command.kill()


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.05)
