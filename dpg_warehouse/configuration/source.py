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
from dpg_warehouse.configuration.wave_files import Coding, FrameMargin, Translation
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
    frame: tuple[FrameMargin, ...] = ()
    translations: tuple[Translation, ...] = ()
    codings: tuple[Coding, ...] = ()

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
        """The options that a wave offered; those of `*` and of the question's matrix included."""
        names = {question_id} | {
            q.part_of for q in self.questions if (q.wave_id, q.question_id) == (wave_id, question_id)
        }
        return tuple(o for o in self.options if o.question_id in names and o.wave_id in (wave_id, "*"))

    def questions_named(self, wave_id: str, name: str) -> tuple[Question, ...]:
        """The question of that id in a wave, or all rows of the matrix of that id."""
        return tuple(q for q in self.questions if q.wave_id == wave_id and name in (q.question_id, q.part_of))

    def declared_fields(self, wave_id: str) -> frozenset[str]:
        """The source fields of a wave that land: those of its questions, options and roles."""
        wave = self.wave(wave_id)
        asked = [q for q in self.questions if q.wave_id == wave_id]
        fields = {field for q in asked for field in q.fields}
        for question in asked:
            fields |= {o.field for o in self.options_of(wave_id, question.question_id) if o.field}
        roles = (wave.respondent_key, wave.submitted_at, wave.language_field, wave.link_field)
        fields |= {role for role in roles if role}
        return frozenset(fields | ({wave.complete_when.field} if wave.complete_when else set()))

    @cached_property
    def configuration_rows(self) -> tuple[tuple[str, int, dict[str, Any]], ...]:
        """(file, row number, content) of everything that the folder says, for ops.configuration_rows."""
        source = self.file.model_dump(mode="json", exclude={"waves", "feeds"})
        files: dict[str, Iterable[dict[str, Any]]] = {
            "source": [source],
            "waves": [self._wave_row(w) for w in self.file.waves],
            "feeds": _dump(self.file.feeds),
            "questions": [self._question_row(q) for q in self.questions],
            "conditions": [row for q in self.questions for row in self._condition_rows(q)],
            "options": [row for o in self.options for row in self._rows_of_each_question(o)],
            "challenges": _dump(self.challenges),
            "published_figures": _dump(self.published_figures),
            "corrections": _dump(self.corrections),
            "frame": _dump(self.frame),
            "translations": [row for t in self.translations for row in self._rows_of_each_question(t)],
            "codings": _dump(self.codings),
        }
        return tuple((file, n, row) for file, rows in files.items() for n, row in enumerate(rows, 1))

    def _wave_row(self, wave: Wave) -> dict[str, Any]:
        return wave.model_dump(mode="json") | {
            "data_origin": wave.data_origin or self.file.data_origin,
            "submissions_are_whole": wave.submissions_are_whole,
        }

    def _question_row(self, question: Question) -> dict[str, Any]:
        return question.model_dump(mode="json") | {
            "base": self.base_of(question),
            "place_count": self.place_count_of(question),
        }

    def _rows_of_each_question(self, row: Option | Translation) -> list[dict[str, Any]]:
        """The row once for each wave and question that it is about: `*` names waves, a matrix its rows."""
        content = row.model_dump(mode="json")
        return [
            content | {"wave_id": q.wave_id, "question_id": q.question_id}
            for q in self.questions
            if row.wave_id in (q.wave_id, "*") and row.question_id in (q.question_id, q.part_of)
        ]

    def _condition_rows(self, question: Question) -> list[dict[str, Any]]:
        """A row an option that meets a condition of the question; all its conditions must be met."""
        conditions = self.conditions_of(question)
        return [
            {
                "wave_id": question.wave_id,
                "question_id": question.question_id,
                "condition_number": number,
                "if_question_id": if_question_id,
                "if_option_id": if_option_id,
            }
            for number, condition in enumerate(conditions, 1)
            for if_question_id, if_option_id in condition
        ]

    def base_of(self, question: Question) -> str:
        """Whether the question's base is who `answered` it or who was `shown` it.

        Of several options a person may have ticked none: where there is no "none of these" to tick,
        that is an answer too.
        """
        options = self.options_of(question.wave_id, question.question_id)
        may_be_blank = question.kind == "multiple" and not any(option.is_exclusive for option in options)
        return question.base or ("shown" if may_be_blank else "answered")

    def place_count_of(self, question: Question) -> int | None:
        """How many of its options a rank asks for; None where it asks for all, and of other kinds."""
        has_fields = question.layout == "column_per_rank"
        count = len(question.fields) if has_fields else question.place_count
        offered = {o.option_id for o in self.options_of(question.wave_id, question.question_id)}
        return count if question.kind == "rank" and count != len(offered) else None

    def conditions_of(self, question: Question) -> tuple[tuple[tuple[str, str], ...], ...]:
        """What must hold for a question to be shown: of each condition the answers that meet it.

        A question that stands on another one is shown only where that one was: its conditions count too.
        """
        found: dict[tuple[tuple[str, str], ...], None] = {}
        if question.asked_of != "all":
            roles = [q for q in self.questions if q.wave_id == question.wave_id and q.segment_kind == "role"]
            found[tuple((role.question_id, question.asked_of) for role in roles)] = None
        for condition in question.conditions:
            for other in self.questions:
                if (other.wave_id, other.question_id) == (question.wave_id, condition.question_id):
                    found |= dict.fromkeys(self.conditions_of(other))
            found[tuple((condition.question_id, option_id) for option_id in condition.option_ids)] = None
        return tuple(found)

    @cached_property
    def config_hash(self) -> str:
        """A hash of everything that the folder says."""
        text = orjson.dumps(self.configuration_rows, option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(text, digest_size=16).hexdigest()


def _dump(rows: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]
