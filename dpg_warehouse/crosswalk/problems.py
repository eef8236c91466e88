"""Finds all that is wrong with a survey's files, with file and line, where reading stops at the first."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from dpg_warehouse.configuration import Option, Question, Source, SourceFile
from dpg_warehouse.configuration.checks import problems_of
from dpg_warehouse.configuration.questionnaire import Challenge, Correction, PublishedFigure
from dpg_warehouse.configuration.wave_files import Coding, FrameMargin, Translation
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
_FILE_NAME = re.compile(r"^([a-z_]+\.(?:csv|yml)): ")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `line` is None where it belongs to no line."""

    file: str
    line: int | None
    text: str


@dataclass(frozen=True)
class _Line:
    """A row of a CSV file as it stands there."""

    number: int
    cells: dict[str, str]


def problems_in(roots: Sequence[Path], source_id: str) -> tuple[tuple[Problem, ...], Source | None]:
    """Everything wrong with a source's files, and the source as far as it can be read.

    Raises UsageError where no root has such a folder.
    """
    folder = next((root / source_id for root in roots if (root / source_id / "source.yml").is_file()), None)
    if folder is None:
        known = sorted(file.parent.name for root in roots for file in root.glob("*/source.yml"))
        raise UsageError(f"There is no source {source_id!r}; known are: {', '.join(known)}.")
    file, problems = _read_source_file(folder)
    lines: dict[str, list[_Line]] = {}
    parts: dict[str, tuple[Any, ...]] = {}
    unread: set[str] = set()
    for name, row_type in _TABLES.items():
        lines[f"{name}.csv"], parts[name], found = _read_rows(folder / f"{name}.csv", row_type)
        problems += found
        bad = {problem.line for problem in found}
        unread |= {one.cells.get("question_id", "") for one in lines[f"{name}.csv"] if one.number in bad}
    if file is None:
        return tuple(problems), None
    challenges, found = _read_challenges(roots)
    problems += found
    source = Source(folder=folder, file=file, challenges=challenges, **parts)
    problems += _reference_problems(source, lines, unread - {""})
    return tuple(problems), source


def _read_challenges(roots: Sequence[Path]) -> tuple[tuple[Challenge, ...], list[Problem]]:
    """The challenges of all folders, which must not define one of them differently."""
    known: dict[str, Challenge] = {}
    problems: list[Problem] = []
    for root in roots:
        lines, rows, found = _read_rows(root / "challenges.csv", Challenge)
        problems += found
        for challenge in rows:
            if known.setdefault(challenge.challenge_id, challenge) != challenge:
                line = _line_about({challenge.challenge_id}, lines)
                text = f"defines {challenge.challenge_id} unlike another folder"
                problems.append(Problem("challenges.csv", line, text))
    return tuple(known.values()), problems


def _read_source_file(folder: Path) -> tuple[SourceFile | None, list[Problem]]:
    text = (folder / "source.yml").read_text(encoding="utf-8")
    try:
        said, node = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        return None, [Problem("source.yml", line, f"is not YAML: {error.problem}")]
    try:
        file = SourceFile.model_validate(said)
    except ValidationError as error:
        return None, [Problem("source.yml", _line_of_node(node, loc), said) for loc, said in _said_by(error)]
    if file.source_id != folder.name:
        text = f"holds source {file.source_id} in a folder named {folder.name}; name both alike"
        return file, [Problem("source.yml", None, text)]
    return file, []


def _read_rows(path: Path, row_type: type[BaseModel]) -> tuple[list[_Line], tuple[Any, ...], list[Problem]]:
    """The lines of a CSV file, the rows that can be used, and what is wrong with the others."""
    lines: list[_Line] = []
    rows: list[BaseModel] = []
    problems: list[Problem] = []
    if not path.exists():
        return lines, (), problems
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for cells in reader:
                lines.append(_Line(reader.line_num, {key: cell or "" for key, cell in cells.items() if key}))
                try:
                    rows.append(row_type.model_validate(cells))
                except ValidationError as error:
                    problems += [Problem(path.name, reader.line_num, said) for _, said in _said_by(error)]
    except (csv.Error, UnicodeError) as error:
        line = lines[-1].number + 1 if lines else 1
        problems.append(Problem(path.name, line, f"can't be read as a CSV file in UTF-8 ({error})"))
    return lines, tuple(rows), problems


def _said_by(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Each thing that a row or file gets wrong, with where in it."""
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        loc = tuple(part for part in one["loc"] if part is not None)
        said = str(one["msg"]).removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            said = "there is no entry of this name; mind its spelling"
        if one["type"] == "invalid_key":  # csv keeps what is beyond the header under the name None
            loc, said = (), "has more cells than the header"
        yield loc, f"{'.'.join(map(str, loc))}: {said}" if loc else said


def _reference_problems(source: Source, lines: dict[str, list[_Line]], unread: set[str]) -> Iterator[Problem]:
    """What one file names and another lacks; rows that could not be read are no news."""
    for text in problems_of(source):
        match = _FILE_NAME.match(text)
        file = match[1] if match else "source.yml"
        said = text[match.end() :] if match else text
        words = set(re.findall(r"[^\s,;:=()]+", said))
        if not words & unread:
            yield Problem(file, _line_about(words, lines.get(file, [])), said)


def _line_about(words: set[str], lines: Sequence[_Line]) -> int | None:
    """The line that holds the most of what a problem names; the last of several, which repeats the others."""
    scored = [(len({cell for cell in line.cells.values() if cell} & words), line.number) for line in lines]
    most, number = max(scored, default=(0, 0))
    return number if most else None


def _line_of_node(node: Any, loc: tuple[int | str, ...]) -> int | None:
    """The line at which an entry stands, or what is nearest above it."""
    line = None
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if str(key.value) == str(part)]
            if not found:
                break
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
