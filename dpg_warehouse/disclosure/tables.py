"""What disclosure control reads and gives: a question's answers, a segmentation, published cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

ALL = "all"  # segment_kind and segment_value of the table of all respondents
ALL_OTHER = "all_other"  # the option that unites those which a segment's table does not show one by one
UNKNOWN = "unknown"  # the segment_value of respondents whose own is not known
NESTED_MEASURES = ("first_choice", "top3", "any_mention")  # who is in one is in the next
PLACES = {"first_choice": 1, "top3": 3}  # how many options one respondent can have under a measure


class CellStatus(StrEnum):
    """What disclosure control says of a cell; a mart has further ones for what was not asked or offered."""

    PUBLISHED = "published"
    BANDED = "banded"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Rules:
    """The two limits: a group's smallest base, and the smallest count of a segment's cell."""

    min_base: int = 10
    min_cell: int = 3

    def is_small(self, count: int, base: int) -> bool:
        """Whether too few chose, or too few did not."""
        return count < self.min_cell or base - count < self.min_cell


class Column(NamedTuple):
    """One option under one measure."""

    measure: str
    option_id: str


@dataclass(frozen=True)
class QuestionAnswers:
    """One question of one wave. All masks run over the wave's respondents, in any order.

    `chosen` holds the offered options without derived ones, but for the one of `scale_top2`.
    `everyone_chose` names the measures under which each member of the base chose at least one
    option, whoever they are: a single choice, and a multiple choice whose base is who answered.
    `is_sensitive`: so marked, or put to one segment alone; its one table follows the rules of segments.
    `is_attribute`: its options are the values of a segment kind, so that by segments it would cross
    two kinds, and the same counts would stand in two tables.
    """

    question_id: str
    base: Mask
    chosen: Mapping[Column, Mask]
    option_sort: Mapping[str, int]
    is_sensitive: bool = False
    is_attribute: bool = False
    everyone_chose: frozenset[str] = frozenset()

    def count(self, column: Column) -> int:
        """How many of the base chose the option."""
        return int(np.count_nonzero(self.chosen[column] & self.base))

    @property
    def base_count(self) -> int:
        """How many are in the base."""
        return int(np.count_nonzero(self.base))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The options under each measure, in an order of their own."""
        return tuple(sorted(self.chosen))

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures, the narrower of nested ones first."""
        found = {column.measure for column in self.chosen}
        return tuple(m for m in NESTED_MEASURES if m in found) + tuple(sorted(found - set(NESTED_MEASURES)))


@dataclass(frozen=True)
class Segmentation:
    """One way to part a wave's respondents; `codes` is each one's place in `values`, -1 for none.

    Those with none are a segment `unknown`, for anybody can subtract the others from all. Unless
    `rest_is_group`: then they are a group of which nothing is shown, and which has to reach the base
    all the same (who did not name a challenge); no values are merged.
    """

    segment_kind: str
    values: tuple[str, ...]  # in the order of their sort
    codes: NDArray[np.int64]
    is_ordinal: bool = False
    rest_is_group: bool = False

    def with_unknown(self) -> Segmentation:
        """The same with a value for everybody, `unknown` the last one where anybody needs it."""
        if self.rest_is_group or not np.any(self.codes < 0):
            return self
        values = self.values if UNKNOWN in self.values else (*self.values, UNKNOWN)
        return replace(self, values=values, codes=np.where(self.codes < 0, values.index(UNKNOWN), self.codes))


@dataclass(frozen=True)
class PublishedCell:
    """One row as it is, or is to be, published: all that the attacker has.

    `share_band` reads `at most 20 %`, `at least 80 %` and so on; None promises nothing.
    """

    question_id: str
    segment_kind: str
    segment_value: str
    measure: str
    option_id: str
    cell_status: str
    base_count: int | None = None
    chosen_count: int | None = None
    share_band: str | None = None
    is_derived: bool = False  # a union or sum of other options

    @property
    def column(self) -> Column:
        """The cell's option under its measure."""
        return Column(self.measure, self.option_id)
