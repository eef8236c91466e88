"""Checks a source's files against each other: what one names, another has to hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from dpg_warehouse.configuration.source import Source

Row = TypeVar("Row")

# The two highest steps count together, so that a scale of fewer would say nothing or everything.
LEAST_STEPS = 3


def problems_of(source: Source) -> list[str]:
    """What is wrong between the files, one sentence part each, the file's name first."""
    return [
        *_question_problems(source),
        *_option_problems(source),
        *_wave_problems(source),
        *_scale_problems(source),
        *_role_problems(source),
        *_figure_problems(source),
    ]


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


def _scale_problems(source: Source) -> Iterable[str]:
    for question in source.questions:
        options = source.options_of(question.wave_id, question.question_id)
        steps = {option.scale_value for option in options} - {None}
        if question.kind == "scale" and len(steps) < LEAST_STEPS:
            yield (
                f"options.csv: {question.wave_id}, {question.question_id} is a scale and needs at least "
                f"{LEAST_STEPS} different values of scale_value, but has {len(steps)}"
            )


def _role_problems(source: Source) -> Iterable[str]:
    for question in source.questions:
        if question.asked_of == "all":
            continue
        roles = _roles_in(source, question.wave_id)
        if question.asked_of not in roles:
            known = ", ".join(sorted(roles)) or "none, as no question has segment_kind role"
            yield (
                f"questions.csv: {question.wave_id}, {question.question_id} is asked of "
                f"{question.asked_of}, but the wave's roles are: {known}"
            )


def _roles_in(source: Source, wave_id: str) -> set[str]:
    about_roles = [q for q in source.questions if q.wave_id == wave_id and q.segment_kind == "role"]
    return {o.option_id for q in about_roles for o in source.options_of(wave_id, q.question_id)}


def _figure_problems(source: Source) -> Iterable[str]:
    asked = {(question.wave_id, question.question_id) for question in source.questions}
    for figure in source.published_figures:
        if figure.question_id and (figure.wave_id, figure.question_id) not in asked:
            yield f"published_figures.csv: {figure.wave_id}, {figure.question_id} is not in questions.csv"


def _twice(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    seen: set[Hashable] = set()
    twice = []
    for row in rows:
        if key(row) in seen:
            twice.append(row)
        seen.add(key(row))
    return twice
