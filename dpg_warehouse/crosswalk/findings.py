"""Holds a wave's form or export against the survey's files: what the one has and the other lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dpg_warehouse.configuration import Option, Question, Source, Wave, ranked_fields
from dpg_warehouse.crosswalk.relevance import shown_if
from dpg_warehouse.forms import Form, FormQuestion

_SEE = "header_rows, skip_rows and field_pattern in source.yml"
_DECLARE = "add it to questions.csv or options.csv, or under personal_data or ignore in source.yml"
_ADD = "add a row for each code"


@dataclass(frozen=True)
class Finding:
    """Something that a wave's form or export and the survey's files don't agree on."""

    wave_id: str
    text: str
    rejects: bool = False  # whether gate 1 would reject a load for it


def uncovered(
    source: Source, wave: Wave, form: Form, is_undeclared: Callable[[str], bool]
) -> Iterator[Finding]:
    """What a wave's form or export holds and the files don't, and the reverse.

    `is_undeclared` says of a field's name whether nobody has said yet what it is.
    """
    there = {_short(field) for field in _fields(form)}
    asked = _asked_fields(source, wave)
    missing = [field for field in sorted(asked) if _short(field) not in there]
    if missing and len(missing) == len(asked):
        text = f"none of the {len(missing)} declared fields is there: see {_SEE}, or their names"
        yield Finding(wave.wave_id, text, rejects=True)
        return
    yield from _undeclared(source, wave, form, is_undeclared)
    for field in missing:
        text = f"{field} is declared, but not there: correct its name, or see {_SEE}"
        yield Finding(wave.wave_id, text, rejects=True)
    by_field = {
        _short_fields(q.field, q.layout): q for q in source.questions if q.wave_id == wave.wave_id and q.field
    }
    for one in form.questions:
        question = by_field.get(_short_fields(one.field, one.layout))
        if question is not None:
            yield from _uncovered_in(source, question, one, by_field)
    yield from _unread_marks(source, wave, form)


def _undeclared(
    source: Source, wave: Wave, form: Form, is_undeclared: Callable[[str], bool]
) -> Iterator[Finding]:
    """Fields that nobody has said anything of, and names that several columns have."""
    declared = {_short(field) for field in source.declared_fields(wave.wave_id)}
    for field in _fields(form):
        if _short(field) not in declared and is_undeclared(field) and is_undeclared(_short(field)):
            yield Finding(wave.wave_id, f"{field} is neither declared nor ignored: {_DECLARE}", rejects=True)
    for field in form.repeated_fields:
        if _short(field) in declared:
            text = f"{field} is the name of several columns: tell them apart with field_pattern"
            yield Finding(wave.wave_id, text, rejects=True)


def _unread_marks(source: Source, wave: Wave, form: Form) -> Iterator[Finding]:
    """Columns of options whose mark is not the one that options.csv reads; in a rank they hold the place."""
    codes: dict[str, set[str]] = defaultdict(set)
    for question in source.questions:
        if question.wave_id == wave.wave_id and question.kind != "rank":
            for option in _options(source, question):
                codes[option.field].add(option.code)
    for mark in (option for one in form.questions for option in one.options if option.field and option.code):
        if codes[mark.field] and not codes[mark.field] & {"", mark.code}:
            text = f"{mark.field} holds {mark.code}, which is not its `code` in options.csv: correct that"
            yield Finding(wave.wave_id, text, rejects=True)


def _uncovered_in(
    source: Source, question: Question, asked: FormQuestion, by_field: Mapping[tuple[str, ...], Question]
) -> Iterator[Finding]:
    """Codes that options.csv lacks, and skip logic that questions.csv lacks."""
    codes = {option.code for option in _options(source, question)}
    missing = [option.code for option in asked.options if option.code not in codes]
    if missing and question.kind not in ("number", "text"):
        text = f"{question.question_id}: options.csv lacks {', '.join(missing)}: {_ADD}"
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
    """The fields of a wave's questions and options, and the one that names the respondent."""
    asked = [question for question in source.questions if question.wave_id == wave.wave_id]
    fields = {field for question in asked for field in question.fields} | {wave.respondent_key or ""} - {""}
    return fields | {o.field for question in asked for o in _options(source, question) if o.field}
