"""The answers of one wave as arrays over its respondents, read from the first run's models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

Mask = NDArray[np.bool_]


@dataclass(frozen=True, order=True)
class CellKey:
    """One option of one question under one measure."""

    question_id: str
    measure: str
    option_id: str


@dataclass(frozen=True)
class OptionCell:
    """What is known of a cell before anybody is counted."""

    key: CellKey
    kind: str
    is_derived: bool
    is_sensitive: bool
    option_sort: int
    population_count: int | None  # how many eligible people were to be asked; None where nobody knows


@dataclass(frozen=True)
class Invited:
    """What the invited list says of those with one value; a None is unknown."""

    count: int
    bounced_count: int | None
    ineligible_count: int | None

    @property
    def eligible_count(self) -> int:
        """The invited without those who turned out not to be eligible."""
        return self.count - (self.ineligible_count or 0)


@dataclass(frozen=True)
class Segment:
    """One way to part a wave's respondents: `codes` is each one's place in `values`, -1 for unknown."""

    kind: str
    question_id: str  # whose options the values are
    values: tuple[str, ...]  # in the order of their sort
    codes: NDArray[np.int64]
    is_ordinal: bool
    invited: Mapping[str, Invited]  # of each value, where the frame says so


@dataclass(frozen=True)
class Question:
    """What the wave's questionnaire says of a question; `steps` are the values of a scale."""

    question_id: str
    kind: str
    is_sensitive: bool
    crossed_with: str | None
    place_count: int | None  # of a rank; None where it asks for all of its options
    steps: NDArray[np.float64] | None
    conditions: tuple[tuple[str, str], ...] = ()  # (question, option): after which answers it was asked

    @property
    def filters(self) -> Mapping[str, frozenset[str]]:
        """The questions that decide who was asked this one, each with its options that lead here."""
        names = {filter_id for filter_id, _ in self.conditions}
        return {
            name: frozenset(option for other, option in self.conditions if other == name) for name in names
        }


@dataclass(frozen=True)
class WaveAnswers:
    """A closed wave that has a pull. All masks run over `respondents`."""

    survey_id: str
    wave_id: str
    wave_number: int
    frame: Invited | None  # the whole list
    respondents: tuple[str, ...]
    links: tuple[str | None, ...]  # what names a respondent in every wave, where anything does
    complete: tuple[bool | None, ...]
    questions: tuple[Question, ...]
    cells: tuple[OptionCell, ...]
    members: Mapping[str, Mask]  # of each question: who is in its base
    chosen: Mapping[CellKey, Mask]
    values: Mapping[tuple[str, str | None], NDArray[np.float64]]  # (question, ranked option) -> number, NaN
    segments: tuple[Segment, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Survey and wave."""
        return self.survey_id, self.wave_id

    def base_of(self, question_id: str) -> Mask:
        """Who is in the question's base."""
        return self.members.get(question_id, np.zeros(len(self.respondents), dtype=bool))

    def filters_of(self, question_id: str) -> Mapping[str, frozenset[str]]:
        """Which options of which other questions lead to the question."""
        return next((q.filters for q in self.questions if q.question_id == question_id), {})

    def is_guarded(self, question_id: str) -> bool:
        """Whether the question is sensitive or was put to one segment alone, which is as small."""
        attributes = {segment.question_id for segment in self.segments}
        return bool(attributes & self.filters_of(question_id).keys()) or any(
            question.is_sensitive for question in self.questions if question.question_id == question_id
        )

    def choosers(self, key: CellKey) -> Mask:
        """Who chose the option; nobody where no one did."""
        return self.chosen.get(key, np.zeros(len(self.respondents), dtype=bool))


class WaveReader:
    """Reads the tables that the first run of dbt left in one schema."""

    def __init__(self, connection: Connection, schema: str) -> None:
        """Remember where to read."""
        self._connection = connection
        self._schema = schema

    def waves(self) -> list[WaveAnswers]:
        """Every closed wave with a pull, by survey and number."""
        described = self._rows(
            """
            select
                waves.survey_id, waves.wave_id, waves.wave_number, waves.frame_count,
                invited.bounced_count, invited.ineligible_count
            from {schema}.int_waves_described as waves
            left join {schema}.int_lists_invited as invited
                on waves.survey_id = invited.survey_id and waves.wave_id = invited.wave_id
            where waves.wave_status = 'closed' and waves.response_count is not null
            order by waves.survey_id, waves.wave_number
            """
        )
        return [self._wave(row) for row in described]

    def _wave(self, described: Mapping[str, Any]) -> WaveAnswers:
        where = {"survey_id": described["survey_id"], "wave_id": described["wave_id"]}
        responses = self._rows(
            """
            select response_id, link_id, is_complete from {schema}.int_responses_counted
            where survey_id = :survey_id and wave_id = :wave_id
            order by response_id
            """,
            **where,
        )
        place = {row["response_id"]: n for n, row in enumerate(responses)}
        return WaveAnswers(
            **where,
            wave_number=described["wave_number"],
            frame=_frame(described),
            respondents=tuple(place),
            links=tuple(row["link_id"] for row in responses),
            complete=tuple(row["is_complete"] for row in responses),
            questions=self._questions(where),
            cells=self._cells(where),
            members=self._masks(where, place, "int_question_members", "question_id"),
            chosen={
                CellKey(*key): mask
                for key, mask in self._masks(
                    where, place, "int_choices", "question_id, measure, option_id"
                ).items()
            },
            values=self._values(where, place),
            segments=self._segments(where, place),
        )

    def _questions(self, where: Mapping[str, str]) -> tuple[Question, ...]:
        rows = self._rows(
            """
            select question_id, kind, is_sensitive, crossed_with, place_count, steps, conditions
            from {schema}.int_questions_described
            where survey_id = :survey_id and wave_id = :wave_id
            order by question_id
            """,
            **where,
        )
        return tuple(
            Question(
                **{
                    **row,
                    "steps": None if row["steps"] is None else np.array(row["steps"], dtype=float),
                    "conditions": tuple((filter_id, option_id) for filter_id, option_id in row["conditions"]),
                }
            )
            for row in rows
        )

    def _cells(self, where: Mapping[str, str]) -> tuple[OptionCell, ...]:
        rows = self._rows(
            """
            select question_id, measure, option_id, kind, is_derived, is_sensitive, option_sort,
                population_count
            from {schema}.int_option_cells
            where survey_id = :survey_id and wave_id = :wave_id
            order by question_id, measure, option_sort, option_id
            """,
            **where,
        )
        return tuple(
            OptionCell(
                CellKey(row["question_id"], row["measure"], row["option_id"]),
                row["kind"],
                row["is_derived"],
                row["is_sensitive"],
                row["option_sort"] or 0,
                row["population_count"],
            )
            for row in rows
        )

    def _masks(
        self, where: Mapping[str, str], place: Mapping[str, int], table: str, key: str
    ) -> dict[Any, Mask]:
        """Of each key the respondents whom the table names beside it."""
        names = [name.strip() for name in key.split(",")]
        masks: dict[Any, Mask] = defaultdict(lambda: np.zeros(len(place), dtype=bool))
        statement = f"""
            select {key}, response_id from {{schema}}.{table}
            where survey_id = :survey_id and wave_id = :wave_id
        """  # noqa: S608 - names of our own models
        for row in self._rows(statement, **where):
            if row["response_id"] in place:
                found = tuple(row[name] for name in names)
                masks[found if names[1:] else found[0]][place[row["response_id"]]] = True
        return dict(masks)

    def _values(
        self, where: Mapping[str, str], place: Mapping[str, int]
    ) -> dict[tuple[str, str | None], NDArray[np.float64]]:
        values: dict[tuple[str, str | None], NDArray[np.float64]] = defaultdict(
            lambda: np.full(len(place), np.nan)
        )
        rows = self._rows(
            """
            select question_id, option_id, response_id, value from {schema}.int_answer_values
            where survey_id = :survey_id and wave_id = :wave_id and value is not null
            """,
            **where,
        )
        for row in rows:
            if row["response_id"] in place:
                values[row["question_id"], row["option_id"]][place[row["response_id"]]] = row["value"]
        return dict(values)

    def _segments(self, where: Mapping[str, str], place: Mapping[str, int]) -> tuple[Segment, ...]:
        offered = self._rows(
            """
            select segment_kind, question_id, segment_value, is_ordinal, invited_count, bounced_count,
                ineligible_count
            from {schema}.int_segments_offered
            where survey_id = :survey_id and wave_id = :wave_id
            order by segment_kind, segment_sort, segment_value
            """,
            **where,
        )
        members = self._masks(where, place, "int_respondent_segments", "segment_kind, segment_value")
        by_kind: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in offered:
            by_kind[row["segment_kind"]].append(row)
        return tuple(_segment(kind, rows, members, len(place)) for kind, rows in sorted(by_kind.items()))

    def _rows(self, statement: str, **where: str) -> list[Mapping[str, Any]]:
        query = text(statement.replace("{schema}", self._schema))
        return [dict(row) for row in self._connection.execute(query, where).mappings()]


def _frame(described: Mapping[str, Any]) -> Invited | None:
    if described["frame_count"] is None:
        return None
    return Invited(described["frame_count"], described["bounced_count"], described["ineligible_count"])


def _segment(
    kind: str, rows: list[Mapping[str, Any]], members: Mapping[Any, Mask], respondent_count: int
) -> Segment:
    codes = np.full(respondent_count, -1, dtype=np.int64)
    for number, row in enumerate(rows):
        mask = members.get((kind, row["segment_value"]))
        if mask is not None:
            codes[mask] = number
    return Segment(
        kind,
        rows[0]["question_id"],
        tuple(row["segment_value"] for row in rows),
        codes,
        all(row["is_ordinal"] for row in rows),
        {
            row["segment_value"]: Invited(row["invited_count"], row["bounced_count"], row["ineligible_count"])
            for row in rows
            if row["invited_count"] is not None
        },
    )
