"""Looks at an export's columns: which are closed questions, and nothing of what one respondent wrote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from dpg_warehouse.configuration import Wave
from dpg_warehouse.connectors.personal_data import Protection, mask_contacts
from dpg_warehouse.connectors.tables import delimited_rows, workbook_rows
from dpg_warehouse.connectors.tabular import filled_header, header_names
from dpg_warehouse.forms import Column

# Beyond these a column is no list to choose from.
_MOST_VALUES = 30
_LONGEST_VALUE = 150
# What fewer gave may be their own words, or their age; a digit, a yes and the mark of an option are nobody's.
_FEWEST_RESPONDENTS = 3
_HARMLESS = re.compile(r"-?\d|yes|no|true|false|y|n", re.IGNORECASE)
_MARK = re.compile(r"\d{1,2}")
_NO = frozenset({"0", "no", "false", "n"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
_CODES = re.compile(r"[A-Za-z0-9_.-]+(?: [A-Za-z0-9_.-]+)*")
_IP_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}", re.IGNORECASE)


def read_columns(path: Path, wave: Wave, protection: Protection, known: frozenset[str]) -> tuple[Column, ...]:
    """The columns of an export; `known` are codes and labels that earlier waves show already."""
    rows = delimited_rows(path, wave) if wave.connector == "delimited" else workbook_rows(path, wave)
    header = tuple(islice(rows, wave.header_rows))
    names, parts = header_names(header, wave.field_pattern), filled_header(header)
    body = [row for row in rows if not row.is_blank]
    found: list[tuple[Column, list[str]]] = []
    for index, name in enumerate(names):
        said = tuple(part for part in parts[index] if part)
        cells = [row.cells[index] if index < len(row.cells) else "" for row in body]
        is_empty = not parts[index][-1] and not any(cells)  # spreadsheets leave such columns at the end
        if name and not is_empty and not protection.drops(name):
            seen = _column(name, said, cells, known | _said_in(said))
            found.append((replace(seen, is_twice=names.count(name) > 1), cells))
    return tuple(_with_what_others_show(found, known))


def _with_what_others_show(
    found: Sequence[tuple[Column, list[str]]], known: frozenset[str]
) -> Iterator[Column]:
    """The columns of one question share a list: what three gave in one of them is no secret in the next."""
    shown: dict[str, set[str]] = defaultdict(set)
    for column, _ in found:
        shown[_heading(column)] |= {value.casefold() for value in column.values}
    for column, cells in found:
        others = shown[_heading(column)] if _heading(column) else set()
        if others - {value.casefold() for value in column.values}:
            seen = _column(column.field, column.parts, cells, known | _said_in(column.parts) | others)
            column = replace(seen, is_twice=column.is_twice)
        yield column


def _heading(column: Column) -> str:
    """What the header says of several columns together: above the last text, or before one in brackets."""
    return column.heading or "".join(column.parts).partition("[")[0]


def _said_in(parts: tuple[str, ...]) -> frozenset[str]:
    """The texts of a header; the end of `Write code - Never` and of `Write code [Never]` too."""
    ends = (part.removesuffix("]").replace("[", " - ").rpartition(" - ")[2].strip() for part in parts)
    return frozenset(text.casefold() for text in (*parts, *ends))


def _column(name: str, parts: tuple[str, ...], cells: list[str], known: frozenset[str]) -> Column:
    counts = Counter(cell for cell in cells if cell)
    filled = sum(counts.values())
    is_number = bool(counts) and all(_NUMBER.fullmatch(value) for value in counts)
    is_personal = sum(count for value, count in counts.items() if _is_contact(value)) * 10 > filled
    is_listed = not is_personal and not is_number and _is_listed(counts)
    if is_listed:
        counts = Counter(code for cell in cells for code in cell.split())
    values, left_out = ((), 0) if is_personal else _closed(counts, filled, known)
    return Column(
        field=name,
        parts=parts,
        filled_count=filled,
        values=values,
        left_out_count=left_out,
        is_listed=is_listed,
        is_number=is_number,
        is_personal=is_personal,
        is_unique=filled == len(cells) > 1 and len(set(cells)) == filled,
        marks=_marks(cells, set(counts)),
        rows_of={value: _rows(cells, value) for value in values} if not is_listed else {},
    )


def _closed(counts: Counter[str], filled: int, known: frozenset[str]) -> tuple[tuple[str, ...], int]:
    """The values of a closed question that may be shown, and how many may not; none of an open one."""
    is_list = 0 < len(counts) <= _MOST_VALUES and all(len(value) <= _LONGEST_VALUE for value in counts)
    is_mark = len(counts) == 1
    harmless = {
        value
        for value in counts
        if _HARMLESS.fullmatch(value) or value.casefold() in known or (is_mark and _MARK.fullmatch(value))
    }
    if not is_list or (len(counts) * 2 > filled and len(harmless) < len(counts)):
        return (), 0
    shown = [
        value
        for value, count in counts.most_common()
        if (value in harmless or count >= _FEWEST_RESPONDENTS) and mask_contacts(value) == value
    ]
    return tuple(shown), len(counts) - len(shown)


def _is_listed(counts: Counter[str]) -> bool:
    """Whether cells hold several codes of one list, joined by blanks: the codes repeat, their mixes don't."""
    if not counts or not all(_CODES.fullmatch(value) for value in counts):
        return False
    codes = Counter(code for value, count in counts.items() for code in value.split() * count)
    several = sum(count for value, count in counts.items() if " " in value)
    return several * 4 >= sum(counts.values()) and len(codes) < len(counts) and len(codes) <= _MOST_VALUES


def _is_contact(value: str) -> bool:
    return mask_contacts(value) != value or _IP_ADDRESS.fullmatch(value) is not None


def _rows(cells: Sequence[str], value: str) -> int:
    return sum(1 << row for row, cell in enumerate(cells) if cell == value)


def _marks(cells: Sequence[str], values: set[str]) -> int:
    """A bit for each row that says something; a no says nothing where others say yes."""
    is_yes_or_no = len(values) == 2 and any(value.lower() in _NO for value in values)
    return sum(
        1 << row for row, cell in enumerate(cells) if cell and not (is_yes_or_no and cell.lower() in _NO)
    )
