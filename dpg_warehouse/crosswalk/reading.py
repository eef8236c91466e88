"""Reads a survey's files as far as they can be read, and tells of what is wrong with each line of them."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from dpg_warehouse.configuration import SourceFile

_SEMICOLONS = "has semicolons between its columns; save it with commas, in UTF-8"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `line` is None where it belongs to no line."""

    file: str
    line: int | None
    text: str


@dataclass(frozen=True)
class Line:
    """A row of a CSV file as it stands there."""

    file: str
    number: int
    cells: dict[str, str]


def read_source_file(folder: Path) -> tuple[SourceFile | None, list[Problem]]:
    """What source.yml says, if it can be read, and what is wrong with it."""
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


def read_rows(
    path: Path, row_type: type[BaseModel], aside: Collection[str] = ()
) -> tuple[list[Line], tuple[Any, ...], list[Problem]]:
    """The lines of a CSV file, the rows that can be used, and what is wrong with the others.

    Columns that stand `aside` are for people and are no part of a row.
    """
    lines: list[Line] = []
    rows: list[BaseModel] = []
    problems: list[Problem] = []
    if not path.exists():
        return lines, (), problems
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if ";" in "".join(reader.fieldnames or ()):
                return lines, (), [Problem(path.name, 1, _SEMICOLONS)]
            for read in reader:
                cells = {key: cell for key, cell in read.items() if key not in aside}
                told = {key: cell or "" for key, cell in cells.items() if key}
                lines.append(Line(path.name, reader.line_num, told))
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
