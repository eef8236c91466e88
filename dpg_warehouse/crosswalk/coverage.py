"""What a survey's files cover: which wave asked which question, and how it may be compared."""

from __future__ import annotations

from dataclasses import dataclass

from dpg_warehouse.configuration import Option, Question, Source


@dataclass(frozen=True)
class CoverageCell:
    """One question in one wave that asked it."""

    kind: str
    layout: str
    option_count: int
    place_count: int | None  # of a rank that doesn't ask for all options
    challenge_count: int
    comparability: str | None
    compared_with: str | None  # the last wave before that asked it


@dataclass(frozen=True)
class Coverage:
    """The questions of a survey, and by question and wave how each was asked."""

    wave_ids: tuple[str, ...]
    question_ids: tuple[str, ...]
    themes: dict[str, str]
    cells: dict[tuple[str, str], CoverageCell]


def coverage_of(source: Source) -> Coverage:
    """Questions in the order of the files, waves in the order of their numbers."""
    waves = sorted(source.file.waves, key=lambda wave: wave.number)
    asked = {(question.question_id, question.wave_id): question for question in source.questions}
    cells: dict[tuple[str, str], CoverageCell] = {}
    question_ids = tuple(dict.fromkeys(question.question_id for question in source.questions))
    for question_id in question_ids:
        last: str | None = None
        for wave in waves:
            question = asked.get((question_id, wave.wave_id))
            if question is not None:
                cells[question_id, wave.wave_id] = _cell(source, question, last)
                last = wave.wave_id
    themes = {question.question_id: question.theme for question in source.questions}
    return Coverage(tuple(wave.wave_id for wave in waves), question_ids, themes, cells)


def _cell(source: Source, question: Question, last: str | None) -> CoverageCell:
    options = _options(source, question)
    return CoverageCell(
        kind=question.kind,
        layout=question.layout,
        option_count=len({option.option_id for option in options}),
        place_count=source.place_count_of(question),
        challenge_count=len({option.option_id for option in options if option.challenge_id}),
        comparability=question.comparability,
        compared_with=last,
    )


def _options(source: Source, question: Question) -> tuple[Option, ...]:
    return source.options_of(question.wave_id, question.question_id)
