"""Reads a source's folder and checks its files against each other."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import orjson
import yaml
from pydantic import BaseModel, ValidationError

from dpg_warehouse.configuration.questionnaire import (
    Challenge,
    Correction,
    Option,
    PublishedFigure,
    Question,
)
from dpg_warehouse.configuration.source_file import SourceFile, Wave
from dpg_warehouse.records import UsageError

Row = TypeVar("Row", bound=BaseModel)


class ConfigurationError(UsageError):
    """A source's file says something that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Source:
    """One source as its folder describes it."""

    folder: Path
    file: SourceFile
    questions: tuple[Question, ...] = ()
    options: tuple[Option, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    published_figures: tuple[PublishedFigure, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def source_id(self) -> str:
        """The source's name, which is its folder's name too."""
        return self.file.source_id

    def wave(self, wave_id: str) -> Wave:
        """The wave of that id; raise UsageError naming the known ones."""
        for wave in self.file.waves:
            if wave.wave_id == wave_id:
                return wave
        known = ", ".join(wave.wave_id for wave in self.file.waves) or "none"
        raise UsageError(f"{self.source_id} has no wave {wave_id!r}; its waves are: {known}.")

    def options_of(self, wave_id: str, question_id: str) -> tuple[Option, ...]:
        """The options that a wave offered, rows for `*` included."""
        return tuple(o for o in self.options if o.question_id == question_id and o.wave_id in (wave_id, "*"))

    def declared_fields(self, wave_id: str) -> frozenset[str]:
        """The source fields of a wave that land: those of its questions, options and roles."""
        wave = self.wave(wave_id)
        asked = [q for q in self.questions if q.wave_id == wave_id]
        fields = {field for q in asked for field in q.fields}
        for question in asked:
            fields |= {o.field for o in self.options_of(wave_id, question.question_id) if o.field}
        roles = (wave.respondent_key, wave.submitted_at, wave.language_field)
        fields |= {role for role in roles if role}
        return frozenset(fields | ({wave.complete_when.field} if wave.complete_when else set()))

    @cached_property
    def configuration_rows(self) -> tuple[tuple[str, int, dict[str, Any]], ...]:
        """(file, row number, content) of everything that the folder says, for ops.configuration_rows."""
        source = self.file.model_dump(mode="json", exclude={"waves", "feeds"})
        waves = [
            w.model_dump(mode="json") | {"data_origin": w.data_origin or self.file.data_origin}
            for w in self.file.waves
        ]
        files: dict[str, Iterable[dict[str, Any]]] = {
            "source": [source],
            "waves": waves,
            "feeds": _dump(self.file.feeds),
            "questions": _dump(self.questions),
            "options": [row for o in self.options for row in self._option_rows(o)],
            "challenges": _dump(self.challenges),
            "published_figures": _dump(self.published_figures),
            "corrections": _dump(self.corrections),
        }
        return tuple((file, n, row) for file, rows in files.items() for n, row in enumerate(rows, 1))

    def _option_rows(self, option: Option) -> list[dict[str, Any]]:
        """The option once for each wave that offered it."""
        row = option.model_dump(mode="json")
        if option.wave_id != "*":
            return [row]
        asked_in = [q.wave_id for q in self.questions if q.question_id == option.question_id]
        return [row | {"wave_id": wave_id} for wave_id in asked_in]

    @cached_property
    def config_hash(self) -> str:
        """A hash of everything that the folder says."""
        text = orjson.dumps(self.configuration_rows, option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(text, digest_size=16).hexdigest()


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
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _check_references(source: Source) -> None:
    problems = [*_question_problems(source), *_option_problems(source), *_wave_problems(source)]
    if problems:
        more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
        raise ConfigurationError(f"{source.folder}: {problems[0]}{more}.")


def _question_problems(source: Source) -> Iterable[str]:
    for question in _twice(source.questions, lambda q: (q.wave_id, q.question_id)):
        yield f"questions.csv: {question.wave_id}, {question.question_id} is there twice"


def _option_problems(source: Source) -> Iterable[str]:
    asked = {(q.wave_id, q.question_id) for q in source.questions}
    asked |= {("*", question_id) for _, question_id in asked}
    challenges = {c.challenge_id for c in source.challenges}
    for option in source.options:
        if (option.wave_id, option.question_id) not in asked:
            yield f"options.csv: {option.wave_id}, {option.question_id} is not in questions.csv"
        if option.challenge_id and option.challenge_id not in challenges:
            yield f"options.csv: challenge {option.challenge_id} is not in challenges.csv"


def _wave_problems(source: Source) -> Iterable[str]:
    waves = {wave.wave_id for wave in source.file.waves}
    named = {
        "questions.csv": {row.wave_id for row in source.questions},
        "published_figures.csv": {row.wave_id for row in source.published_figures},
        "corrections.csv": {row.wave_id for row in source.corrections},
    }
    for file, wave_ids in named.items():
        for unknown in sorted(wave_ids - waves):
            yield f"{file}: wave {unknown} is not in source.yml"


def _twice(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    seen: set[Hashable] = set()
    twice = []
    for row in rows:
        if key(row) in seen:
            twice.append(row)
        seen.add(key(row))
    return twice


def _dump(rows: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]
