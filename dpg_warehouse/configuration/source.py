"""One source as its folder describes it, and as it goes to the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from dpg_warehouse.configuration.questionnaire import (
    Challenge,
    Correction,
    Option,
    PublishedFigure,
    Question,
)
from dpg_warehouse.configuration.source_file import SourceFile, Wave
from dpg_warehouse.records import UsageError


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


def _dump(rows: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]
