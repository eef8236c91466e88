"""Guesses what columns are that each say yes or no: options of one question, or of each row of a matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from dpg_warehouse.crosswalk.headers import mark_of, own_text, question_text
from dpg_warehouse.forms import Column, FormOption, FormQuestion

_OTHER = re.compile(r"\W*(?:an)?other\b", re.IGNORECASE)
_ROW_JOINT = " - "  # between a row and an option of a matrix with a column for each of both
_LONGEST_CODE = 5
_WORDS = "Any text in {} counts as chosen, and lands with the answers."
_RANKED = "A rank with a column for each option and place? As drafted, each option is a question of its own."
_Cell = tuple[str, str, Column]  # row, option and column of a matrix


def questions_of_marks(
    text: str, columns: Sequence[Column], words: Sequence[Column], language: str
) -> Iterator[FormQuestion | Column]:
    """One question or the rows of a matrix; and of the free texts beside them those that are no option."""
    rows = _matrix_rows(columns)
    if rows:
        yield from _matrix_of_marks(text, rows, language)
        yield from words
        return
    others = _others(columns, words)
    yield _choice(text, columns, others, language)
    yield from (column for column in words if column not in others)


def _choice(text: str, columns: Sequence[Column], others: Sequence[Column], language: str) -> FormQuestion:
    marked = tuple(_mark(column, own_text(column), language) for column in columns)
    written = tuple(FormOption("", {language: own_text(column)}, column.field) for column in others)
    note = " ".join(_WORDS.format(column.field) for column in others)
    kind = "single" if _is_exclusive([*columns, *others]) else "multiple"
    return FormQuestion("", "column_per_option", kind, {language: text}, (*marked, *written), note=note)


def _others(columns: Sequence[Column], words: Sequence[Column]) -> list[Column]:
    """The column of texts that stands for the option "other", where no column of marks does."""
    if any(_OTHER.match(own_text(column)) for column in columns):
        return []
    return [column for column in words if _OTHER.match(own_text(column))][:1]


def _matrix_rows(columns: Sequence[Column]) -> list[tuple[str, list[_Cell]]]:
    """The rows of a matrix with a column for each row and option; none where the columns are options."""
    cells = [(*_row_and_option(column), column) for column in columns]
    told = [cell for cell in cells if cell[0] or cell[2].filled_count]
    rows = [(row, list(group)) for row, group in groupby(told, key=itemgetter(0))]
    is_matrix = all(row for row, _ in rows) and 1 < len(rows) < len(told)
    return rows if is_matrix and len({row for row, _ in rows}) == len(rows) else []


def _row_and_option(column: Column) -> tuple[str, str]:
    """In a header text of their own each, or joined in one."""
    row, joint, option = own_text(column).rpartition(_ROW_JOINT)
    if not joint and len(column.parts) > 2 and question_text(column) in column.parts[:-2]:
        return column.parts[-2], option
    return row, option


def _matrix_of_marks(
    text: str, rows: Sequence[tuple[str, list[_Cell]]], language: str
) -> Iterator[FormQuestion]:
    for row, cells in rows:
        kind = "single" if _is_exclusive([column for _, _, column in cells]) else "multiple"
        options = tuple(_mark(column, option, language) for _, option, column in cells)
        note = _RANKED if "rank" in text.casefold() else ""
        yield FormQuestion("", "column_per_option", kind, {language: row}, options, part_of=text, note=note)


def _is_exclusive(columns: Sequence[Column]) -> bool:
    """Whether no response marks two of the columns."""
    seen = 0
    for column in columns:
        if seen & column.marks:
            return False
        seen |= column.marks
    return seen != 0


def _mark(column: Column, label: str, language: str) -> FormOption:
    """An option with a column of its own; where the cells repeat its text, any text is a yes.

    The cells alone tell the option where its column is called as the others are, but for a number.
    """
    yes = mark_of(column)
    is_text = yes.casefold() in (label.casefold(), column.parts[-1].casefold()) or len(yes) > _LONGEST_CODE
    is_told = label != question_text(column) or not yes
    return FormOption("" if is_text else yes, {language: label if is_told else yes}, column.field)
