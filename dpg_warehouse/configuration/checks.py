"""Checks a source's files against each other: what one names, another has to hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from dpg_warehouse.configuration.question_checks import question_problems
from dpg_warehouse.configuration.source import Source
from dpg_warehouse.configuration.wave_checks import wave_problems

Row = TypeVar("Row")


def problems_of(source: Source) -> list[str]:
    """What is wrong between the files, one sentence part each, the file's name first."""
    return [
        *_repetitions(source),
        *question_problems(source),
        *wave_problems(source),
        *_challenge_problems(source),
    ]


def _repetitions(source: Source) -> Iterable[str]:
    for question in _twice(source.questions, lambda q: (q.wave_id, q.question_id)):
        yield f"questions.csv: {question.wave_id}, {question.question_id} is there twice"
    for margin in _twice(source.frame, lambda m: (m.wave_id, m.segment_kind, m.segment_value)):
        yield f"frame.csv: {margin.wave_id}, {margin.segment_kind} {margin.segment_value} is there twice"
    for row in _twice(source.translations, lambda t: (t.wave_id, t.question_id, t.option_id, t.language)):
        yield f"translations.csv: {row.wave_id}, {row.question_id}, {row.language} is there twice"
    for coding in _twice(source.codings, lambda c: (c.wave_id, c.question_id, c.record_key, c.option_id)):
        yield f"codings.csv: {coding.wave_id}, {coding.question_id}, {coding.record_key} is there twice"


def _challenge_problems(source: Source) -> Iterable[str]:
    """Options are united by the challenge at the top of their family, which is one step away."""
    tops = {c.challenge_id for c in source.challenges if c.parent_challenge_id is None}
    for challenge in source.challenges:
        if challenge.parent_challenge_id and challenge.parent_challenge_id not in tops:
            yield (
                f"challenges.csv: {challenge.challenge_id} has parent {challenge.parent_challenge_id}, "
                "which is no challenge without a parent of its own"
            )


def _twice(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    seen: set[Hashable] = set()
    twice = []
    for row in rows:
        if key(row) in seen:
            twice.append(row)
        seen.add(key(row))
    return twice
