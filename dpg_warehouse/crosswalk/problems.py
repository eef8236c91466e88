"""Finds all that is wrong with a survey's files, with file and line, where reading stops at the first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dpg_warehouse.configuration import Option, Question, Source, SourceFile, Wave
from dpg_warehouse.configuration.checks import problems_of
from dpg_warehouse.configuration.questionnaire import Challenge, Correction, PublishedFigure
from dpg_warehouse.configuration.wave_files import Coding, FrameMargin, Translation
from dpg_warehouse.crosswalk.reading import Line, Problem, read_rows, read_source_file
from dpg_warehouse.records import UsageError

# The part of a source that each file's rows are, and what a row is.
_TABLES: dict[str, type[BaseModel]] = {
    "questions": Question,
    "options": Option,
    "published_figures": PublishedFigure,
    "corrections": Correction,
    "frame": FrameMargin,
    "translations": Translation,
    "codings": Coding,
}
# What helps a person to look a drafted row over, and is no part of the survey's files.
LOOKED_AT = ("match", "score", "note")
_FILE_NAME = re.compile(r"^([a-z_]+\.(?:csv|yml)): ")


@dataclass(frozen=True)
class Drafts:
    """The files of a wave's draft by the table that they add to."""

    wave_id: str
    files: Mapping[str, Path]


def folder_of(roots: Sequence[Path], source_id: str) -> Path:
    """The folder of a source; raise UsageError naming the known ones where no root has it."""
    folder = next((root / source_id for root in roots if (root / source_id / "source.yml").is_file()), None)
    if folder is None:
        known = sorted(file.parent.name for root in roots for file in root.glob("*/source.yml"))
        raise UsageError(f"There is no source {source_id!r}; known are: {', '.join(known)}.")
    return folder


def problems_in(
    roots: Sequence[Path], source_id: str, drafted: Drafts | None = None
) -> tuple[tuple[Problem, ...], Source | None]:
    """Everything wrong with a source's files, and the source as far as it can be read.

    With a wave's drafts, as if their rows stood in the files already. Raises UsageError where no root
    has such a folder.
    """
    folder = folder_of(roots, source_id)
    file, problems = read_source_file(folder)
    lines: dict[str, list[Line]] = {}
    parts: dict[str, tuple[Any, ...]] = {}
    unread: set[str] = set()
    for name, row_type in _TABLES.items():
        paths = {folder / f"{name}.csv": (), **_drafts_of(name, drafted)}
        read = [read_rows(path, row_type, aside) for path, aside in paths.items()]
        found = [problem for _, _, about in read for problem in about]
        found += _of_other_waves(read[1][0], drafted) if drafted and len(read) > 1 else ()
        lines[f"{name}.csv"] = [line for told, _, _ in read for line in told]
        parts[name] = tuple(row for _, rows, _ in read for row in rows)
        bad = {(problem.file, problem.line) for problem in found}
        unread |= {
            line.cells.get("question_id", "")
            for line in lines[f"{name}.csv"]
            if (line.file, line.number) in bad
        }
        problems += found
    if file is None:
        return tuple(problems), None
    challenges, found = _read_challenges(roots)
    problems += found
    if drafted:
        file = _with_wave(file, drafted, parts)
    source = Source(folder=folder, file=file, challenges=challenges, **parts)
    problems += _reference_problems(source, lines, unread - {""})
    return tuple(problems), source


def _of_other_waves(lines: Sequence[Line], drafted: Drafts) -> Iterator[Problem]:
    """A draft's rows that are about another wave, as a spreadsheet's filled cells may have made them."""
    for line in lines:
        wave_id = line.cells.get("wave_id", "")
        if wave_id not in (drafted.wave_id, "*"):
            yield Problem(
                line.file, line.number, f"is about wave {wave_id} in the draft of {drafted.wave_id}"
            )


def _drafts_of(name: str, drafted: Drafts | None) -> dict[Path, tuple[str, ...]]:
    return {drafted.files[name]: LOOKED_AT} if drafted and name in drafted.files else {}


def _with_wave(file: SourceFile, drafted: Drafts, parts: Mapping[str, tuple[Any, ...]]) -> SourceFile:
    """The source with the drafted wave, which may be drafted before anybody has described it."""
    if any(wave.wave_id == drafted.wave_id for wave in file.waves):
        return file
    rows = [*parts["questions"], *parts["translations"]]
    wave = Wave(
        wave_id=drafted.wave_id,
        number=max((wave.number for wave in file.waves), default=0) + 1,
        label=drafted.wave_id,
        connector="draft",
        location="",
        opened_on=date.max,
        languages=tuple({row.language for row in rows if row.wave_id == drafted.wave_id}),
    )
    return file.model_copy(update={"waves": (*file.waves, wave)})


def _read_challenges(roots: Sequence[Path]) -> tuple[tuple[Challenge, ...], list[Problem]]:
    """The challenges of all folders, which must not define one of them differently."""
    known: dict[str, Challenge] = {}
    problems: list[Problem] = []
    for root in roots:
        lines, rows, found = read_rows(root / "challenges.csv", Challenge)
        problems += found
        for challenge in rows:
            if known.setdefault(challenge.challenge_id, challenge) != challenge:
                text = f"defines {challenge.challenge_id} unlike another folder"
                problems.append(_problem("challenges.csv", lines, {challenge.challenge_id}, text))
    return tuple(known.values()), problems


def _reference_problems(source: Source, lines: dict[str, list[Line]], unread: set[str]) -> Iterator[Problem]:
    """What one file names and another lacks; rows that could not be read are no news."""
    for text in problems_of(source):
        match = _FILE_NAME.match(text)
        file = match[1] if match else "source.yml"
        said = text[match.end() :] if match else text
        words = set(re.findall(r"[^\s,;:=()]+", said))
        if not words & unread:
            yield _problem(file, lines.get(file, []), words, said)


def _problem(file: str, lines: Sequence[Line], words: set[str], text: str) -> Problem:
    """A problem at the line that holds the most of what it names: the last of several, which repeats them."""
    scored = [
        (len({cell for cell in line.cells.values() if cell} & words), place)
        for place, line in enumerate(lines)
    ]
    most, place = max(scored, default=(0, 0))
    return Problem(lines[place].file, lines[place].number, text) if most else Problem(file, None, text)
