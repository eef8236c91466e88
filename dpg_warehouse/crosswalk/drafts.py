"""Drafts a wave's rows of questions.csv, options.csv and translations.csv from its form or export."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dpg_warehouse.configuration import Source
from dpg_warehouse.crosswalk.matching import Match, comparability, earlier_questions, match_questions
from dpg_warehouse.crosswalk.names import new_id, short_label
from dpg_warehouse.crosswalk.relevance import shown_if
from dpg_warehouse.forms import Form, FormOption, FormQuestion

Row = dict[str, str]
_EXCLUSIVE = re.compile(r"none\b|i?\s*don.?t know|not sure|not applicable|no opinion", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """The drafted rows, each with what it resembles, and what else the form or export holds."""

    wave_id: str
    questions: tuple[Row, ...]
    options: tuple[Row, ...]
    translations: tuple[Row, ...]
    form: Form

    @property
    def matched_count(self) -> int:
        """How many questions resemble one of an earlier wave."""
        return sum(bool(row["match"]) for row in self.questions)


@dataclass
class _Naming:
    """The ids given so far; earlier questions keep theirs."""

    questions: set[str]
    matrices: dict[str, str] = field(default_factory=dict)
    by_name: dict[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    options_written: set[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=set)


def draft_rows(source: Source, wave_id: str, wave_number: int, form: Form) -> Draft:
    """The rows that the form suggests, held against the waves before it."""
    matches = match_questions(form.questions, earlier_questions(source, wave_number))
    matched = {match.earlier.question.question_id for match in matches.values()}
    naming = _Naming(matched | {question.question_id for question in source.questions})
    rows: list[tuple[Row, FormQuestion]] = []
    options: list[Row] = []
    translations: list[Row] = []
    for place, question in enumerate(form.questions):
        match = matches.get(place)
        row = _question_row(wave_id, question, match, naming)
        option_ids = _option_ids(question, match)
        name = question.name or question.field
        naming.by_name[name] = (
            row["question_id"],
            {option.code: option_id for option, option_id in zip(question.options, option_ids, strict=True)},
        )
        rows.append((row, question))
        options += _option_rows(row, question, match, option_ids, naming)
        translations += _translation_rows(row, question, option_ids)
    for row, question in rows:
        _add_skip_logic(row, question, naming)
    return Draft(wave_id, tuple(row for row, _ in rows), tuple(options), tuple(translations), form)


def _question_row(wave_id: str, question: FormQuestion, match: Match | None, naming: _Naming) -> Row:
    before = match.earlier.question if match else None
    text = question.wording or question.name or question.field
    language = next(iter(question.wordings), "en")
    asks_for_places = question.kind == "rank" and question.layout != "column_per_rank"
    return {
        "match": before.wave_id if before else "",
        "score": str(match.score) if match else "",
        "note": question.note,
        "wave_id": wave_id,
        "question_id": before.question_id if before else new_id(question.name or text, naming.questions),
        "field": question.field,
        "layout": question.layout,
        "kind": "scale" if before and (before.kind, question.kind) == ("scale", "single") else question.kind,
        "theme": before.theme if before else "other",
        "segment_kind": (before.segment_kind or "") if before else "",
        "part_of": _matrix_id(question, match, naming),
        "asked_of": before.asked_of if before else "all",
        "shown_if": "",
        "base": (before.base or "") if before else "",
        "is_sensitive": "yes" if before and before.is_sensitive else "",
        "place_count": str(before.place_count or "") if before and asks_for_places else "",
        "comparability": comparability(question, match) if match else "",
        "comparability_note": "",
        "label": before.label if before else short_label(text),
        "wording": f"{question.part_of} {text}".strip(),
        "language": language,
    }


def _matrix_id(question: FormQuestion, match: Match | None, naming: _Naming) -> str:
    """The matrix's id: the earlier wave's, else one out of its text."""
    if not question.part_of:
        return ""
    before = match.earlier.question.part_of if match else None
    if question.part_of not in naming.matrices or before:
        naming.matrices[question.part_of] = before or new_id(question.part_of, naming.questions)
    return naming.matrices[question.part_of]


def _option_ids(question: FormQuestion, match: Match | None) -> list[str]:
    matched = match.options if match else {}
    taken = {option.option_id for option, _ in matched.values()}
    return [
        matched[place][0].option_id if place in matched else new_id(option.label, taken)
        for place, option in enumerate(question.options)
    ]


def _option_rows(
    row: Row, question: FormQuestion, match: Match | None, option_ids: list[str], naming: _Naming
) -> Iterator[Row]:
    """A row an option; of a matrix whose rows share their codes, once for all of them."""
    question_id = row["question_id"]
    if row["part_of"] and question.layout == "value":
        question_id = row["part_of"]
        listed = (question_id, tuple((option.code, option.label) for option in question.options))
        if listed in naming.options_written:
            return
        if any(written == question_id for written, _ in naming.options_written):
            question_id = row["question_id"]
        naming.options_written.add(listed)
    for place, (option, option_id) in enumerate(zip(question.options, option_ids, strict=True)):
        found = match.options.get(place) if match else None
        yield _option_row(row, question_id, option, option_id, place + 1) | {
            "match": found[0].label if found else "",
            "score": str(found[1]) if found else "",
            "challenge_id": (found[0].challenge_id or "") if found else "",
            "scale_value": _number(found[0].scale_value) if found else "",
        }


def _option_row(row: Row, question_id: str, option: FormOption, option_id: str, sort: int) -> Row:
    is_exclusive = row["kind"] == "multiple" and _EXCLUSIVE.match(option.label)
    return {
        "match": "",
        "score": "",
        "wave_id": row["wave_id"],
        "question_id": question_id,
        "option_id": option_id,
        "field": option.field,
        "code": option.code,
        "label": option.label,
        "sort": str(sort),
        "challenge_id": "",
        "scale_value": "",
        "is_exclusive": "yes" if is_exclusive else "",
    }


def _translation_rows(row: Row, question: FormQuestion, option_ids: list[str]) -> Iterator[Row]:
    about = {"wave_id": row["wave_id"], "question_id": row["question_id"]}
    for language, wording in question.wordings.items():
        if language != row["language"]:
            told = {"language": language, "label": short_label(wording), "wording": wording}
            yield about | {"option_id": ""} | told
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for option, option_id in zip(question.options, option_ids, strict=True):
        for language, label in option.labels.items():
            if language != row["language"]:
                labels[language].setdefault(option_id, label)
    for language, by_option in labels.items():
        for option_id, label in by_option.items():
            yield about | {"option_id": option_id, "language": language, "label": label, "wording": ""}


def _add_skip_logic(row: Row, question: FormQuestion, naming: _Naming) -> None:
    if question.relevant:
        condition = shown_if(question.relevant, naming.by_name)
        row["shown_if"] = condition or ""
        if condition is None:
            row["note"] = f"{row['note']} Shown if {question.relevant}".strip()


def _number(value: float | None) -> str:
    return "" if value is None else format(value, "g")
