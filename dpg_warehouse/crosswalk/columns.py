"""Guesses the questions of an export from its header and from which answers repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from dpg_warehouse.crosswalk.codebooks import Codebook
from dpg_warehouse.crosswalk.grouping import UNTOLD, questions_of_cells
from dpg_warehouse.crosswalk.headers import (
    is_about_the_answer,
    is_mark,
    own_text,
    question_text,
    text_apart,
    whole_text,
)
from dpg_warehouse.crosswalk.marking import questions_of_marks
from dpg_warehouse.crosswalk.ordering import ordered_options
from dpg_warehouse.crosswalk.personal import is_personal_name, may_list_persons
from dpg_warehouse.forms import Column, Form, FormQuestion

_SPECIFY = re.compile(r"other|specify|explain|open-ended|comment", re.IGNORECASE)


def fits(codebook: Codebook, columns: Sequence[Column]) -> bool:
    """Whether the codebook says anything of a column."""
    return any(codebook.of(column.field, question_text(column)) for column in columns)


def form_of_columns(columns: Sequence[Column], codebook: Codebook, language: str = "en") -> Form:
    """The questions that an export seems to hold."""
    personal = [column for column in columns if _is_personal(column)]
    keys = [column.field for column in columns if column.is_unique and column not in personal]
    others: dict[str, str] = {}
    rest = []
    for column in columns:
        if column.is_twice:
            others[column.field] = "the name of several columns"
        elif is_about_the_answer(column):
            others[column.field] = "about the answer, not a question"
        elif column not in personal and column.field not in keys:
            rest.append(column)
    questions: list[FormQuestion] = []
    for text, group in groupby(_without_names(rest, personal), key=question_text):
        found = list(_questions(text, list(group), codebook, language))
        questions += [question for question in found if isinstance(question, FormQuestion)]
        others |= {
            column.field: f"free text beside {text!r}" for column in found if isinstance(column, Column)
        }
    fields = tuple(column.field for column in personal)
    twice = dict.fromkeys(column.field for column in columns if column.is_twice)
    return Form(tuple(questions), (language,), fields, others, tuple(keys), tuple(twice))


def _questions(
    text: str, group: list[Column], codebook: Codebook, language: str
) -> Iterator[FormQuestion | Column]:
    """The questions of columns that share a text, and the columns that only add words to them."""
    if len(group) == 1:
        yield _of_column(group[0], whole_text(group[0]), codebook, language)
        return
    words = [column for column in group if not column.is_closed and _SPECIFY.search(own_text(column))]
    listed = [column for column in group if column not in words and _may_be_listed(column)]
    rest = [column for column in group if column not in (*words, *listed)]
    yield from (_of_column(column, text_apart(column, text), codebook, language) for column in rest)
    if len(listed) > 1 and all(is_mark(column) for column in listed):
        yield from questions_of_marks(text, listed, words, language)
        return
    if len(listed) > 1:
        yield from questions_of_cells(text, listed, codebook, language)
    for column in listed if len(listed) == 1 else ():
        yield _with_words(_of_column(column, text_apart(column, text), codebook, language), column, words)
    yield from words


def _may_be_listed(column: Column) -> bool:
    """Whether a column shows its answers, or would if anybody had given one."""
    return column.is_closed or not column.filled_count


def _with_words(question: FormQuestion, column: Column, words: Sequence[Column]) -> FormQuestion:
    """The question with a note where some answered it in the words beside it alone."""
    alone = [word.field for word in words if word.marks & ~column.marks]
    if not alone:
        return question
    note = f"Some answered in {alone[0]} alone, and count as silent here."
    return replace(question, note=f"{question.note} {note}".strip())


def _of_column(column: Column, text: str, codebook: Codebook, language: str) -> FormQuestion:
    told = codebook.of(column.field, text)
    note = ""
    if column.left_out_count:
        note = f"Not shown: {column.left_out_count} values that fewer than three respondents gave."
    layout, kind = "value", "text"
    if column.is_listed:
        layout, kind = "space_separated", "multiple"
    elif (
        column.is_number and not told and (not column.is_closed or re.match("how many", text, re.IGNORECASE))
    ):
        kind = "number"
    elif column.is_closed:
        kind = "single"
        if column.is_number and not told:
            note = f"{note} {UNTOLD}".strip()
    if kind not in ("single", "multiple"):
        return FormQuestion(column.field, layout, kind, {language: text}, note=note)
    options, is_in_order = ordered_options(column.values, told, language)
    return FormQuestion(
        column.field, layout, kind, {language: text}, options, note=note, is_in_order=is_in_order
    )


def _without_names(columns: Iterable[Column], personal: Sequence[Column]) -> Iterator[Column]:
    """The columns without values that a personal column of the same question holds: they may be names."""
    names: Mapping[str, set[str]] = {}
    for column in personal:
        names = {**names, question_text(column): names.get(question_text(column), set()) | {*column.values}}
    for column in columns:
        kept = tuple(value for value in column.values if value not in names.get(question_text(column), ()))
        yield replace(
            column, values=kept, left_out_count=column.left_out_count + len(column.values) - len(kept)
        )


def _is_personal(column: Column) -> bool:
    if column.is_personal or column.is_closed:
        return column.is_personal or may_list_persons(column.parts, column.values)
    return any(is_personal_name(part) for part in column.parts)
