"""What a survey's files cover: which wave asked which question, and how it may be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dpg_warehouse.configuration import Option, Question, Source, Wave, ranked_fields
from dpg_warehouse.crosswalk.relevance import shown_if
from dpg_warehouse.forms import Form, FormQuestion


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
class Finding:
    """Something that a wave's form or export and the survey's files don't agree on."""

    wave_id: str
    text: str
    rejects: bool = False  # whether gate 1 would reject a load for it


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


def uncovered(
    source: Source, wave: Wave, form: Form, is_undeclared: Callable[[str], bool]
) -> Iterator[Finding]:
    """What a wave's form or export holds and the files don't, and the reverse.

    `is_undeclared` says of a field's name whether nobody has said yet what it is.
    """
    offered = _fields(form)
    declared = {_short(field) for field in source.declared_fields(wave.wave_id)}
    for field in offered:
        if _short(field) not in declared and is_undeclared(field) and is_undeclared(_short(field)):
            yield Finding(wave.wave_id, f"{field} is neither declared nor ignored", rejects=True)
    there = {_short(field) for field in offered}
    for field in sorted(_asked_fields(source, wave)):
        if _short(field) not in there:
            yield Finding(wave.wave_id, f"{field} is declared, but not there", rejects=True)
    by_field = {
        _short_fields(q.field, q.layout): q for q in source.questions if q.wave_id == wave.wave_id and q.field
    }
    for asked in form.questions:
        question = by_field.get(_short_fields(asked.field, asked.layout))
        if question is not None:
            yield from _uncovered_in(source, question, asked, by_field)


def _uncovered_in(
    source: Source, question: Question, asked: FormQuestion, by_field: Mapping[tuple[str, ...], Question]
) -> Iterator[Finding]:
    """Codes that options.csv lacks, and skip logic that questions.csv lacks."""
    codes = {option.code for option in _options(source, question)}
    missing = [option.code for option in asked.options if option.code not in codes]
    if missing and question.kind not in ("number", "text"):
        text = f"{question.question_id}: options.csv lacks {', '.join(missing)}"
        yield Finding(question.wave_id, text, rejects=True)
    if asked.relevant and not question.shown_if and question.asked_of == "all":
        known = {
            fields[0]: (q.question_id, {o.code: o.option_id for o in _options(source, q)})
            for fields, q in by_field.items()
        }
        condition = shown_if(asked.relevant, known)
        told = f"shown_if could be `{condition}`" if condition else f"the form says {asked.relevant}"
        yield Finding(
            question.wave_id, f"{question.question_id} is shown to some alone, without shown_if: {told}"
        )


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


def _short(field: str) -> str:
    """A field without its groups, as it may be declared; a header's text with a `/` in it stands in none."""
    return field if " " in field else field.rsplit("/", 1)[-1]


def _short_fields(field: str, layout: str) -> tuple[str, ...]:
    """The fields of a question without their groups: of a rank one a place."""
    return tuple(_short(part) for part in (ranked_fields(field) if layout == "column_per_rank" else [field]))


def _fields(form: Form) -> list[str]:
    """All fields of a form or export, whatever they are."""
    fields = [*form.personal_fields, *form.key_fields, *form.other_fields]
    for question in form.questions:
        is_ranked = question.layout == "column_per_rank"
        fields += ranked_fields(question.field) if is_ranked else [question.field]
        fields += [option.field for option in question.options]
    return list(dict.fromkeys(field for field in fields if field))


def _asked_fields(source: Source, wave: Wave) -> set[str]:
    """The fields of a wave's questions and options."""
    asked = [question for question in source.questions if question.wave_id == wave.wave_id]
    fields = {field for question in asked for field in question.fields}
    return fields | {o.field for question in asked for o in _options(source, question) if o.field}
