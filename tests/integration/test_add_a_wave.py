"""docs/add_a_wave.md, followed word for word."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dpg_warehouse.database import Role
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from tests.environments import environment_of
from tests.queries import rows

GUIDE = (PROJECT_ROOT / "docs" / "add_a_wave.md").read_text(encoding="utf-8")
# A file's name and what is said of it, then its text; or commands.
STEP = re.compile(r"(?:^`([\w./]+)`([^\n]*):\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT_CODE = re.compile(r"\s+# exit code (\d)$")


@dataclass(frozen=True)
class Step:
    """Something that the reader types: a file's text, or a command and how it ends."""

    file: str = ""
    is_appended: bool = False
    text: str = ""
    command: tuple[str, ...] = ()
    exit_code: int = 0


def steps() -> Iterator[Step]:
    for file, said, language, text in STEP.findall(GUIDE):
        if file:
            yield Step(file, "appended" in said, text)
        elif language == "sh":
            for line in text.splitlines():
                ends = EXIT_CODE.search(line)
                command = shlex.split(EXIT_CODE.sub("", line))
                yield Step(command=tuple(command), exit_code=int(ends[1]) if ends else 0)


def follow(step: Step, folder: Path, settings: Settings) -> None:
    if step.file:
        path = folder / step.file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if step.is_appended else ""
        path.write_text(before + step.text, encoding="utf-8")
        return
    name, *arguments = step.command
    assert name == "dpgw"
    if arguments in (["up"], ["migrate"]):
        return  # the test's server runs and is migrated
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", "from dpg_warehouse.cli import main; main()", *arguments],
        env=environment_of(settings) | {"DPGW_SOURCES": str(folder / "surveys")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == step.exit_code, (step.command, done.stdout, done.stderr)


@pytest.fixture
def followed(warehouse: Settings, tmp_path: Path) -> Settings:
    """The warehouse of somebody who has done what the guide says."""
    (tmp_path / "sample_data").symlink_to(PROJECT_ROOT / "sample_data")
    for step in steps():
        follow(step, tmp_path, warehouse)
    assert sorted(path.name for path in (tmp_path / "surveys" / "my_survey").iterdir()) == [
        "codebook_2025.csv",
        "draft_2027_options.csv",
        "draft_2027_questions.csv",
        "draft_2027_source.yml",
        "draft_2027_translations.csv",
        "options.csv",
        "questions.csv",
        "source.yml",
        "wave_2024.csv",
        "wave_2025.csv",
        "wave_2026.csv",
    ]
    return warehouse


@pytest.mark.timeout(900)
def test_the_guide_makes_a_survey_of_three_waves(followed: Settings) -> None:
    assert rows(
        followed,
        """
        select wave_id, chosen_count, base_count from marts.trend_answer_share
        where survey_id = 'my_survey' and question_id = 'funding_outlook' order by 1
        """,
        Role.BI_READER,
    ) == [("2024", 7, 12), ("2025", 8, 12), ("2026", 8, 12)]
    assert rows(
        followed,
        """
        select question_id, wave_id, base_wave_id, grade from marts.question_comparability
        where survey_id = 'my_survey' order by 1, 2
        """,
        Role.BI_READER,
    ) == [
        ("first_challenge", "2025", "2024", "options_changed"),
        ("funding_outlook", "2025", "2024", "reworded"),
        ("funding_outlook", "2026", "2025", "reworded"),
    ]
    assert rows(
        followed,
        """
        select wave_id, grade, note from marts.wave_comparability
        where survey_id = 'my_survey' and aspect = 'frame' order by 1
        """,
        Role.BI_READER,
    ) == [
        ("2025", "changed", "The network took in ten products of another network."),
        ("2026", "same", "Invited: 50, now 50. Nobody noted another way of listing them."),
    ]


def test_every_command_of_the_guide_is_followed() -> None:
    """A command that stands outside a block would be tested by nobody."""
    commands = [" ".join(step.command[1:3]) for step in steps() if step.command]
    assert len(commands) >= 20
    for command in (
        "survey draft",
        "survey adopt",
        "survey check",
        "ingest my_survey",
        "rejected 3",
        "revalidate 3",
    ):
        assert command in commands
