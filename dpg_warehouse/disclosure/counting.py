"""Counts one question's answers by segment, with what anybody can subtract beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dpg_warehouse.disclosure.collapsing import collapse_options
from dpg_warehouse.disclosure.merging import Groups, merged_value
from dpg_warehouse.disclosure.tables import ALL_OTHER, NESTED_MEASURES, Column, QuestionAnswers, Segmentation

REST = ""  # stands for the respondents of no shown segment


@dataclass(frozen=True)
class Grid:
    """The counts of a table: rows are segments and, where it is not empty, the rest; columns are options.

    `totals` are the counts of all respondents that are published: none in the table of all itself,
    and of a united column only the range in which it must lie. `same_as` leads from a column to a
    narrower measure's that has the same choosers, as anybody can tell from the totals.
    """

    question_id: str
    bases: Mapping[str, int]
    counts: Mapping[tuple[str, Column], int]
    columns: tuple[Column, ...]
    totals: Mapping[Column, tuple[int, int]]
    same_as: Mapping[Column, Column]
    everyone_chose: frozenset[str]
    united: Mapping[Column, int]  # how many of all respondents a united column counts

    @property
    def base_count(self) -> int:
        """The base of all rows together."""
        return sum(self.bases.values())

    def is_plain(self, column: Column) -> bool:
        """Whether nobody or everybody of all respondents chose it, which fixes every cell of it."""
        low, high = self.totals.get(column, (0, self.base_count))
        return high == 0 or low == self.base_count


def count_all(answers: QuestionAnswers, row: str) -> Grid:
    """The table of all respondents: one row, and no totals beside it."""
    return Grid(
        answers.question_id,
        {row: answers.base_count},
        {(row, column): answers.count(column) for column in answers.columns},
        answers.columns,
        {},
        {},
        answers.everyone_chose,
        {},
    )


def count_segments(
    answers: QuestionAnswers, segmentation: Segmentation, groups: Groups, kept: tuple[str, ...]
) -> Grid:
    """The counts by merged segment and collapsed option."""
    collapsed = collapse_options(answers, kept)
    group_of = np.full(len(segmentation.values) + 1, -1)  # the last place is that of code -1
    for number, group in enumerate(groups):
        group_of[[segmentation.values.index(value) for value in group]] = number
    placed = group_of[segmentation.codes]
    rows = {merged_value(group): placed == number for number, group in enumerate(groups)}
    rows[REST] = placed == -1
    bases = {row: int(np.count_nonzero(mask & answers.base)) for row, mask in rows.items()}
    bases = {row: base for row, base in bases.items() if row != REST or base}
    return Grid(
        answers.question_id,
        bases,
        {
            (row, column): int(np.count_nonzero(rows[row] & answers.base & collapsed.chosen[column]))
            for row in bases
            for column in collapsed.columns
        },
        collapsed.columns,
        {column: _total(answers, collapsed, column) for column in collapsed.columns},
        _same_as(answers, collapsed),
        answers.everyone_chose,
        {
            column: collapsed.count(column)
            for column in collapsed.columns
            if column.option_id == ALL_OTHER and column.measure != NESTED_MEASURES[0]
        },
    )


def _parts(answers: QuestionAnswers, collapsed: QuestionAnswers, column: Column) -> list[Column]:
    """The offered options behind a column."""
    if column.option_id != ALL_OTHER:
        return [column]
    shown = set(collapsed.chosen)
    return [c for c in answers.columns if c.measure == column.measure and c not in shown]


def _total(answers: QuestionAnswers, collapsed: QuestionAnswers, column: Column) -> tuple[int, int]:
    """What the published counts of all respondents tell of a column's total.

    A union is at least its most named option, and at most the sum; of first choices it is the sum.
    """
    parts = [answers.count(part) for part in _parts(answers, collapsed, column)]
    if column.measure == NESTED_MEASURES[0]:
        return sum(parts), sum(parts)
    return max(parts), min(sum(parts), answers.base_count)


def _same_as(answers: QuestionAnswers, collapsed: QuestionAnswers) -> dict[Column, Column]:
    """Nested columns whose totals agree hold the same respondents, in each segment too."""
    found: dict[Column, Column] = {}
    nested = [measure for measure in answers.measures if measure in NESTED_MEASURES]
    for narrow, wide in pairwise(nested):
        for column in (c for c in collapsed.columns if c.measure == wide):
            parts = _parts(answers, collapsed, column)
            twins = [Column(narrow, part.option_id) for part in parts]
            if all(
                t in answers.chosen and answers.count(t) == answers.count(p)
                for t, p in zip(twins, parts, strict=True)
            ):
                twin = Column(narrow, column.option_id)
                found[column] = found.get(twin, twin)
    return found
