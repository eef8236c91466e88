"""What is wrong with the published cells of a wave: shown although small, or withheld and yet recoverable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dpg_warehouse.disclosure.attacker import attack
from dpg_warehouse.disclosure.filters import tells_filter
from dpg_warehouse.disclosure.tables import ALL, Column, PublishedCell, Rules

Problem = Literal["small_base", "small_cell", "not_for_segments", "tells_filter", "recoverable"]
Conditions = Mapping[str, Mapping[str, frozenset[str]]]


@dataclass(frozen=True)
class Finding:
    """One cell that tells too much. It names the cell and no count, so that it may stand in a verdict.

    `segment_value` is empty for the respondents whom no segment of the table shows.
    """

    problem: Problem
    question_id: str
    segment_kind: str
    segment_value: str
    column: Column


def audit(
    cells: Iterable[PublishedCell],
    rules: Rules,
    everyone_chose: frozenset[tuple[str, str]] = frozenset(),
    sensitive: frozenset[str] = frozenset(),
    attributes: frozenset[str] = frozenset(),
    conditions: Conditions = MappingProxyType({}),
    nested_kinds: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """Everything wrong with one wave's published cells; arguments as of `attack`.

    `sensitive` names the questions whose table of all respondents follows the rules of segments, and
    that have no other; `attributes` those that are segment kinds themselves. `conditions` says of a
    question which options of which others it was asked after; `nested_kinds` are the segment kinds
    that only a part of the respondents was asked for.
    """
    rows = tuple(cells)
    return (
        *_shown(rows, rules, sensitive, attributes, nested_kinds),
        *_telling_filters(rows, sensitive, conditions),
        *_recoverable(rows, rules, everyone_chose),
    )


def _shown(
    rows: Iterable[PublishedCell],
    rules: Rules,
    sensitive: frozenset[str],
    attributes: frozenset[str],
    nested_kinds: frozenset[str],
) -> Iterator[Finding]:
    for row in rows:
        if row.base_count is None:
            continue
        key = (row.question_id, row.segment_kind, row.segment_value, row.column)
        if row.base_count < rules.min_base:
            yield Finding("small_base", *key)
        has_no_segments = row.question_id in sensitive | attributes or row.segment_kind in nested_kinds
        if row.segment_kind != ALL and has_no_segments:
            yield Finding("not_for_segments", *key)
        if row.segment_kind == ALL and row.question_id not in sensitive:
            continue
        if row.chosen_count is not None and rules.is_small(row.chosen_count, row.base_count):
            yield Finding("small_cell", *key)


def _telling_filters(
    rows: Iterable[PublishedCell], sensitive: frozenset[str], conditions: Conditions
) -> Iterator[Finding]:
    """Shown bases that are withheld counts of the question on which theirs stands."""
    tables: dict[tuple[str, str], list[PublishedCell]] = defaultdict(list)
    for row in rows:
        tables[row.question_id, row.segment_kind].append(row)
    for (question_id, kind), table in sorted(tables.items()):
        shown = [row for row in table if row.base_count is not None]
        for filter_id, option_ids in conditions.get(question_id, {}).items() if shown else ():
            if kind == ALL and filter_id not in sensitive:  # every count of it may be told
                continue
            values = {row.segment_value for row in shown}
            if tells_filter(values, tables.get((filter_id, kind), ()), option_ids):
                first = shown[0]
                yield Finding("tells_filter", question_id, kind, first.segment_value, first.column)


def _recoverable(
    rows: Iterable[PublishedCell], rules: Rules, everyone_chose: frozenset[tuple[str, str]]
) -> Iterator[Finding]:
    """Withheld cells that have one feasible count.

    So have, of the respondents of no shown segment, those that could not be shown if they were one.
    """
    for cell in attack(rows, everyone_chose, is_exact=False):
        may_be_shown = cell.base_count >= rules.min_base and not rules.is_small(cell.low, cell.base_count)
        if cell.is_recovered and not (cell.segment_value == "" and may_be_shown):
            yield Finding("recoverable", cell.question_id, cell.segment_kind, cell.segment_value, cell.column)
