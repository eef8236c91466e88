"""The drafted rows of options.csv and translations.csv."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from dpg_warehouse.configuration import Option
from dpg_warehouse.configuration.question_checks import LEAST_STEPS
from dpg_warehouse.crosswalk.drafted import Drafted, Row
from dpg_warehouse.crosswalk.names import short_label

_EXCLUSIVE = re.compile(r"none\b|i?\s*don.?t know|not sure|not applicable|no opinion", re.IGNORECASE)


def option_rows(drafted: Sequence[Drafted], earlier: Iterable[Option]) -> Iterator[Row]:
    """A row an option; of a matrix whose rows share them all, once under the matrix's name.

    What options.csv says of every wave (`*`) is not said again.
    """
    said = {(o.question_id, o.option_id, o.field, o.code) for o in earlier if o.wave_id == "*"}
    shared = _shared_lists(drafted)
    written: set[str] = set()
    for one in drafted:
        matrix = one.row["part_of"]
        about = matrix if one.question.layout == "value" and matrix in shared else one.question_id
        rows = list(_rows_of(one, about)) if about not in written else []
        written.add(about)
        for row in rows:
            names = (about, one.question_id, matrix)
            if not any((name, row["option_id"], row["field"], row["code"]) in said for name in names):
                yield row


def translation_rows(one: Drafted) -> Iterator[Row]:
    """A row a question or option and further language."""
    about = {"wave_id": one.row["wave_id"], "question_id": one.question_id}
    for language, wording in one.question.wordings.items():
        if language != one.row["language"]:
            told = {"language": language, "label": short_label(wording), "wording": wording}
            yield about | {"option_id": ""} | told
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for option, option_id in zip(one.question.options, one.option_ids, strict=True):
        for language, label in option.labels.items():
            if language != one.row["language"]:
                labels[language].setdefault(option_id, label)
    for language, by_option in labels.items():
        for option_id, label in by_option.items():
            yield about | {"option_id": option_id, "language": language, "label": label, "wording": ""}


def note_missing_steps(one: Drafted) -> None:
    """Say so where a scale has too few options of which the earlier wave tells the step."""
    steps = {option.scale_value for option, _ in one.found.values()} - {None}
    if one.row["kind"] == "scale" and len(steps) < LEAST_STEPS:
        one.note(f"A scale: give at least {LEAST_STEPS} options a scale_value.")


def _shared_lists(drafted: Sequence[Drafted]) -> set[str]:
    """The matrices of which all rows have the same codes for the same options."""
    lists: dict[str, set[tuple[tuple[str, str], ...]]] = defaultdict(set)
    for one in drafted:
        codes = (option.code for option in one.question.options)
        lists[one.row["part_of"]].add(tuple(zip(codes, one.option_ids, strict=True)))
    return {matrix for matrix, found in lists.items() if matrix and len(found) == 1}


def _rows_of(one: Drafted, about: str) -> Iterator[Row]:
    for place, sort in _sorted_places(one):
        option, found = one.question.options[place], one.found.get(place)
        before = found[0] if found else None
        is_exclusive = before.is_exclusive if before else _EXCLUSIVE.match(option.label)
        yield {
            "match": before.label if before else "",
            "score": str(found[1]) if found else "",
            "wave_id": one.row["wave_id"],
            "question_id": about,
            "option_id": one.option_ids[place],
            "field": option.field,
            "code": option.code,
            "label": option.label,
            "sort": str(sort),
            "challenge_id": (before.challenge_id or "") if before else "",
            "scale_value": _number(before.scale_value) if before else "",
            "is_exclusive": "yes" if is_exclusive and one.row["kind"] == "multiple" else "",
        }


def _sorted_places(one: Drafted) -> Iterator[tuple[int, int]]:
    """The options with their sort: the earlier one, for one wave's sort orders all; new ones come last."""
    earlier = (
        *(one.match.earlier.options if one.match else ()),
        *(option for option, _ in one.found.values()),
    )
    new = count(1 + max((option.sort for option in earlier), default=0))
    for place in _places_in_order(one):
        yield place, one.found[place][0].sort if place in one.found else next(new)


def _places_in_order(one: Drafted) -> list[int]:
    """Options as the form lists them; those that answers alone tell as the earlier wave listed them."""
    places = range(len(one.question.options))
    if one.question.is_in_order:
        return list(places)
    return sorted(places, key=lambda place: (place not in one.found, _sort_before(one, place), place))


def _sort_before(one: Drafted, place: int) -> int:
    return one.found[place][0].sort if place in one.found else 0


def _number(value: float | None) -> str:
    return "" if value is None else format(value, "g")
