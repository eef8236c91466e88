"""In which order options stand: as a list has them, numbers and bands by what they begin with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dpg_warehouse.forms import FormOption

_LESS = r"under|below|less than|fewer than|up to|<"
_MORE = r"over|above|more than|greater than|at least|>"
_BAND = re.compile(rf"\W*(?:({_LESS})|({_MORE}))?\W*(\d[\d,.]*)(.*)", re.IGNORECASE)
_OPEN_END = re.compile(r"\s*(?:\+|or more|and more|and over)", re.IGNORECASE)
_MOST_OTHERS = 2  # a "don't know" or a "none" may stand beside the bands


def ordered_options(
    values: Iterable[str], told: Mapping[str, str], language: str
) -> tuple[tuple[FormOption, ...], bool]:
    """The codes of a codebook and of the answers with their labels, and whether they stand in an order.

    A codebook's order comes first; without one, numbers and bands (`1`, `2-4`, `5 or more`) rise.
    """
    others = [value for value in dict.fromkeys(values) if value not in told]
    rising = _rising(others)
    codes = [*told, *(rising or others)]
    options = tuple(FormOption(code, {language: told.get(code, code)}) for code in codes)
    return options, bool(told) or rising is not None


def _rising(values: Sequence[str]) -> list[str] | None:
    """Numbers and bands from the lowest, then what is neither; None where it is no list of them."""
    keys = {value: _band(value) for value in values}
    others = [value for value in values if keys[value] is None]
    if len(values) - len(others) < 2 or len(others) > _MOST_OTHERS:
        return None
    return [*sorted((v for v in values if v not in others), key=lambda v: keys[v] or (0.0, 0)), *others]


def _band(value: str) -> tuple[float, int] | None:
    """Where a band begins, and whether it ends (-1) or begins (1) with that number."""
    found = _BAND.fullmatch(value)
    if found is None:
        return None
    less, more, number, rest = found.groups()
    try:
        start = float(number.replace(",", "").rstrip("."))
    except ValueError:
        return None
    return start, -1 if less else 1 if more or _OPEN_END.match(rest) else 0
