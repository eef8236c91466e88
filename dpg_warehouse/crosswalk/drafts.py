"""Drafts a wave's rows of questions.csv, options.csv and translations.csv from its form or export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dpg_warehouse.configuration import Option, Source
from dpg_warehouse.crosswalk.carrying import carry_along
from dpg_warehouse.crosswalk.drafted import Drafted, Row
from dpg_warehouse.crosswalk.drafted_options import note_missing_steps, option_rows, translation_rows
from dpg_warehouse.crosswalk.matching import Match, comparability, earlier_questions, match_questions
from dpg_warehouse.crosswalk.names import new_id, short_label
from dpg_warehouse.forms import Form, FormQuestion


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
class _Matrix:
    """What the rows of a matrix share: its id, and options by label, of earlier waves and new ones."""

    matrix_id: str
    found: dict[str, tuple[Option, int]] = field(default_factory=dict)
    option_ids: dict[str, str] = field(default_factory=dict)


def draft_rows(source: Source, wave_id: str, wave_number: int, form: Form) -> Draft:
    """The rows that the form suggests, held against the waves before it."""
    matches = match_questions(form.questions, earlier_questions(source, wave_number))
    pairs = [(question, matches.get(place)) for place, question in enumerate(form.questions)]
    taken = {name for q in source.questions for name in (q.question_id, q.part_of) if name}
    matrices = _matrices(pairs, taken)
    drafted = [_drafted(wave_id, question, match, matrices, taken) for question, match in pairs]
    carry_along(drafted)
    for one in drafted:
        note_missing_steps(one)
    return Draft(
        wave_id,
        tuple(one.row for one in drafted),
        tuple(option_rows(drafted, source.options)),
        tuple(row for one in drafted for row in translation_rows(one)),
        form,
    )


def _matrices(pairs: Iterable[tuple[FormQuestion, Match | None]], taken: set[str]) -> dict[str, _Matrix]:
    """By the text above its rows, each matrix with the id of the earlier one that any row stood in."""
    rows: dict[str, list[tuple[FormQuestion, Match | None]]] = defaultdict(list)
    for question, match in pairs:
        if question.part_of:
            rows[question.part_of].append((question, match))
    matrices: dict[str, _Matrix] = {}
    for text, listed in rows.items():
        used = {matrix.matrix_id for matrix in matrices.values()}
        before = [match.earlier.question.part_of for _, match in listed if match]
        kept = next((name for name in before if name and name not in used), None)
        matrices[text] = _Matrix(kept or new_id(text, taken))
        for question, match in listed:
            for place, found in match.options.items() if match else ():
                matrices[text].found.setdefault(question.options[place].label, found)
    return matrices


def _drafted(
    wave_id: str,
    asked: FormQuestion,
    match: Match | None,
    matrices: Mapping[str, _Matrix],
    taken: set[str],
) -> Drafted:
    question = replace(asked, kind=_kind(asked, match))
    matrix = matrices.get(question.part_of)
    found = dict(match.options) if match else {}
    known = {option.option_id for option, _ in found.values()}
    for place, option in enumerate(question.options):
        shared = matrix.found.get(option.label) if matrix else None
        if shared and place not in found and shared[0].option_id not in known:
            found[place] = shared
    row = _question_row(wave_id, question, match, matrix, taken)
    return Drafted(row, question, match, _option_ids(question, found, matrix), found)


def _kind(question: FormQuestion, match: Match | None) -> str:
    """As the earlier wave had it where the new one can't tell: steps, or options that nobody joined yet."""
    before = match.earlier.question.kind if match else ""
    is_scale = (before, question.kind) == ("scale", "single")
    is_unjoined = (before, question.kind, question.layout) == ("multiple", "single", "column_per_option")
    return before if is_scale or is_unjoined else question.kind


def _question_row(
    wave_id: str, question: FormQuestion, match: Match | None, matrix: _Matrix | None, taken: set[str]
) -> Row:
    before = match.earlier.question if match else None
    text = question.wording or question.name or question.field
    asks_for_places = question.kind == "rank" and question.layout != "column_per_rank"
    return {
        "match": before.wave_id if before else "",
        "score": str(match.score) if match else "",
        "note": question.note,
        "wave_id": wave_id,
        "question_id": before.question_id if before else new_id(question.name or text, taken),
        "field": question.field,
        "layout": question.layout,
        "kind": question.kind,
        "theme": before.theme if before else "other",
        "segment_kind": (before.segment_kind or "") if before else "",
        "part_of": matrix.matrix_id if matrix else "",
        "asked_of": "all",
        "shown_if": "",
        "base": "",
        "crossed_with": "",
        "is_sensitive": "yes" if before and before.is_sensitive else "",
        "place_count": str(before.place_count or "") if before and asks_for_places else "",
        "comparability": comparability(question, match) if match else "",
        "comparability_note": "",
        "label": before.label if before else short_label(text),
        "wording": f"{question.part_of} {text}".strip(),
        "language": next(iter(question.wordings), "en"),
    }


def _option_ids(
    question: FormQuestion, found: Mapping[int, tuple[Option, int]], matrix: _Matrix | None
) -> tuple[str, ...]:
    """Of the earlier options those that they resemble; new ones alike in all rows of a matrix."""
    taken = {option.option_id for option, _ in found.values()}
    shared = matrix.option_ids if matrix else {}
    ids = []
    for place, option in enumerate(question.options):
        if place in found:
            ids.append(found[place][0].option_id)
        elif option.label in shared and shared[option.label] not in taken:
            ids.append(shared[option.label])
            taken.add(shared[option.label])
        else:
            ids.append(new_id(option.label, taken))
            shared.setdefault(option.label, ids[-1])
    return tuple(ids)
