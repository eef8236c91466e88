"""Guesses what columns of one question are that hold several values: a rank, or the rows of a matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

from dpg_warehouse.configuration import join_ranked_fields
from dpg_warehouse.crosswalk.codebooks import Codebook
from dpg_warehouse.crosswalk.headers import is_numbered, own_text, places_of, text_apart
from dpg_warehouse.crosswalk.ordering import ordered_options
from dpg_warehouse.forms import Column, FormOption, FormQuestion

_RANKING = re.compile(r"\brank|\border of\b|\bprioriti[sz]e", re.IGNORECASE)
_LEAST_RANKINGS = 10  # of fewer responses, different numbers in each may be chance
UNTOLD = "Codes without a codebook, or a number?"
_TIES = "Asks for a rank, but some responses give one place twice: as kind rank, gate 1 would refuse it."
_UNASKED = "No response gives a number twice: taken for the places of a rank."
_NUMBERED = "Taken for the places of a rank, as no response says one thing twice; or several answers?"


def questions_of_cells(
    text: str, columns: list[Column], codebook: Codebook, language: str
) -> Iterator[FormQuestion]:
    """Places of a rank, options with their place in it, or rows of a matrix, each as its columns tell."""
    places = places_of(columns)
    if places and _are_places(columns):
        yield _rank_of_places(text, columns, places, codebook, language)
    elif _are_ranks(text, columns) and not codebook.of(columns[0].field, text):
        marked = tuple(FormOption("", {language: own_text(c)}, c.field) for c in columns)
        note = "" if _RANKING.search(text) else _UNASKED
        last = max(int(value) for value in _values(columns))
        if last < len(columns):
            note = (
                f"{note} Nobody gave a place beyond {last}: if no more were asked for, place_count is {last}."
            )
        yield FormQuestion("", "column_per_option", "rank", {language: text}, marked, note=note.strip())
    else:
        yield from _matrix(text, columns, codebook, language)


def _rank_of_places(
    text: str, columns: list[Column], places: list[int], codebook: Codebook, language: str
) -> FormQuestion:
    ordered = [column for _, column in sorted(zip(places, columns, strict=True), key=lambda pair: pair[0])]
    told = codebook.of(ordered[0].field, text)
    options, is_in_order = ordered_options(_values(ordered), told, language)
    return FormQuestion(
        join_ranked_fields(column.field for column in ordered),
        "column_per_rank",
        "rank",
        {language: text},
        options,
        note=_left_out(ordered, _NUMBERED if is_numbered(columns) else ""),
        is_in_order=is_in_order,
    )


def _are_places(columns: list[Column]) -> bool:
    """Whether columns numbered as places may be such: numbers alone need answers that never repeat."""
    return not is_numbered(columns) or (_share_answers(columns) and _are_once(columns))


def _are_ranks(text: str, columns: Sequence[Column]) -> bool:
    """Whether each column holds the place of its option."""
    values = _values(columns)
    if not all(value.isdigit() and value != "0" for value in values) or not _are_once(columns):
        return False
    is_whole = len(columns) > 2 and {*values} <= {str(place) for place in range(1, len(columns) + 1)}
    response_count = reduce(or_, (column.marks for column in columns)).bit_count()
    return _RANKING.search(text) is not None or (is_whole and response_count >= _LEAST_RANKINGS)


def _matrix(
    text: str, columns: Sequence[Column], codebook: Codebook, language: str
) -> Iterator[FormQuestion]:
    """The rows of a matrix, each with all steps that any row shows; a column of other answers is none."""
    groups = _sharing_answers(columns)
    are_numbers = all(value.isdigit() for value in _values(columns))
    tied = _TIES if are_numbers and _RANKING.search(text) else ""
    for column in columns:
        rows = next(group for group in groups if column in group)
        told = codebook.of(column.field, text)
        options, is_in_order = ordered_options(_values(rows), told, language)
        is_row = len(rows) > 1
        yield FormQuestion(
            column.field,
            "value",
            "single",
            {language: own_text(column) if is_row else text_apart(column, text)},
            options,
            part_of=text if is_row else "",
            note=_left_out([column], tied or (UNTOLD if are_numbers and not told else "")),
            is_in_order=is_in_order,
        )


def _sharing_answers(columns: Sequence[Column]) -> list[list[Column]]:
    """The columns grouped by whether they share an answer; what nobody answered goes with the first."""
    groups: list[list[Column]] = []
    for column in columns:
        near = [g for g in groups if not column.is_closed or {*_values(g)} & {*column.values}]
        joined = [*(one for group in near for one in group), column]
        groups = [*(group for group in groups if group not in near), joined]
    return groups


def _share_answers(columns: Sequence[Column]) -> bool:
    return len(_sharing_answers(columns)) == 1 and not all(value.isdigit() for value in _values(columns))


def _are_once(columns: Sequence[Column]) -> bool:
    """Whether no response gives one value in two columns."""
    return all(
        not (one.rows_of.get(value, 0) & other.rows_of.get(value, 0))
        for number, one in enumerate(columns)
        for other in columns[number + 1 :]
        for value in one.values
    )


def _values(columns: Sequence[Column]) -> list[str]:
    return list(dict.fromkeys(value for column in columns for value in column.values))


def _left_out(columns: Sequence[Column], note: str) -> str:
    count = max(column.left_out_count for column in columns)
    told = f"Not shown: {count} values that fewer than three respondents gave." if count else ""
    return f"{told} {note}".strip()
