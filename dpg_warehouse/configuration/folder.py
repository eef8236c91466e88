"""Reads a source's folder and checks its files against each other."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from dpg_warehouse.configuration.checks import problems_of
from dpg_warehouse.configuration.questionnaire import (
    Challenge,
    Correction,
    Option,
    PublishedFigure,
    Question,
)
from dpg_warehouse.configuration.source import Source
from dpg_warehouse.configuration.source_file import SourceFile
from dpg_warehouse.configuration.wave_files import Coding, FrameMargin, Translation
from dpg_warehouse.records import UsageError

Row = TypeVar("Row", bound=BaseModel)


class ConfigurationError(UsageError):
    """A source's file says something that cannot be used; the message names file and line."""


def read_sources(roots: Sequence[Path]) -> dict[str, Source]:
    """Every source below the roots, by id; raise ConfigurationError where a file cannot be used."""
    sources: dict[str, Source] = {}
    challenges: dict[str, Challenge] = {}
    for root in roots:
        if not root.is_dir():
            raise ConfigurationError(f"There is no folder of sources at {root}; see DPGW_SOURCES.")
        for challenge in _read_csv(root / "challenges.csv", Challenge):
            if challenges.setdefault(challenge.challenge_id, challenge) != challenge:
                raise ConfigurationError(
                    f"{root / 'challenges.csv'} defines {challenge.challenge_id} unlike another folder."
                )
        for file in sorted(root.glob("*/source.yml")):
            source = _read_folder(file.parent, tuple(challenges.values()))
            if source.source_id in sources:
                other = sources[source.source_id].folder
                raise ConfigurationError(
                    f"Source {source.source_id} is there twice: {file.parent} and {other}."
                )
            sources[source.source_id] = source
    return sources


def find_source(roots: Sequence[Path], source_id: str) -> Source:
    """The source of that id; raise UsageError naming the known ones."""
    sources = read_sources(roots)
    if source_id not in sources:
        raise UsageError(f"There is no source {source_id!r}; known are: {', '.join(sorted(sources))}.")
    return sources[source_id]


def _read_folder(folder: Path, challenges: tuple[Challenge, ...]) -> Source:
    file = _read_source_file(folder / "source.yml")
    if file.source_id != folder.name:
        raise ConfigurationError(f"{folder} holds source {file.source_id}; name both alike.")
    source = Source(
        folder=folder,
        file=file,
        questions=_read_csv(folder / "questions.csv", Question),
        options=_read_csv(folder / "options.csv", Option),
        challenges=challenges if file.kind == "survey" else (),
        published_figures=_read_csv(folder / "published_figures.csv", PublishedFigure),
        corrections=_read_csv(folder / "corrections.csv", Correction),
        frame=_read_csv(folder / "frame.csv", FrameMargin),
        translations=_read_csv(folder / "translations.csv", Translation),
        codings=_read_csv(folder / "codings.csv", Coding),
    )
    _check_references(source)
    return source


def _read_source_file(path: Path) -> SourceFile:
    try:
        return SourceFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_first_problem(error)}") from error


def _read_csv(path: Path, row_type: type[Row]) -> tuple[Row, ...]:
    """The rows of a CSV file with a header; none where the file does not exist."""
    if not path.exists():
        return ()
    rows = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        for row in reader:
            try:
                rows.append(row_type.model_validate(row))
            except ValidationError as error:
                raise ConfigurationError(
                    f"{path}, line {reader.line_num}: {_first_problem(error)}"
                ) from error
    return tuple(rows)


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"] if part is not None)
    said = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        said = "there is no entry of this name; mind its spelling"
    return f"{where}: {said}" if where else said


def _check_references(source: Source) -> None:
    problems = problems_of(source)
    if problems:
        more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
        raise ConfigurationError(f"{source.folder}: {problems[0]}{more}.")
