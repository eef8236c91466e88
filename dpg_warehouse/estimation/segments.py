"""One test a question and kind of segment: do the answers differ between the segments at all?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import random_table  # type: ignore[import-untyped]

Counts = NDArray[np.int64]

RESAMPLE_COUNT = 9_999
# Up to so many tables with the given margins are gone through one by one.
MAX_TABLES = 5_000
_SEED = 20220322
# Tables as likely as the observed one count as extreme, whatever the rounding.
_ROUNDING = 1e-7


class SegmentMethod(StrEnum):
    """How a p-value was found."""

    EXACT = "fisher_freeman_halton_exact"
    MONTE_CARLO = "fisher_freeman_halton_monte_carlo"
    PERMUTATION = "pearson_sum_permutation"


@dataclass(frozen=True)
class SegmentTest:
    """The chance of differences so large where the segments do not differ; None if nothing can vary."""

    p_value: float | None
    method: SegmentMethod | None


def single_choice_test(table: Counts) -> SegmentTest:
    """Fisher, Freeman and Halton's test (1951) for segments by options, each respondent counted once.

    Exact where the tables with the same margins can be gone through; else the share of seeded random
    ones that are no likelier than the observed, which is counted among them (Phipson & Smyth 2010).
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return SegmentTest(None, None)
    rows, columns = tuple(map(int, table.sum(axis=1))), tuple(map(int, table.sum(axis=0)))
    margins = random_table(rows, columns)
    limit = float(margins.logpmf(table)) + _ROUNDING
    if _table_count(rows, columns) <= MAX_TABLES:
        return SegmentTest(_exact_p(rows, columns, limit), SegmentMethod.EXACT)
    drawn = margins.logpmf(margins.rvs(RESAMPLE_COUNT, random_state=np.random.default_rng(_SEED)))
    p_value = (1 + int(np.sum(drawn <= limit))) / (1 + RESAMPLE_COUNT)
    return SegmentTest(p_value, SegmentMethod.MONTE_CARLO)


def multiple_choice_test(segments: NDArray[np.int64], choices: NDArray[np.bool_]) -> SegmentTest:
    """A permutation test for answers of which each respondent chose any number.

    `segments` is a code for each respondent, `choices` respondents by options. Pearson's X² of each
    option is added up (Bilder, Loughin & Nettleton 2000) and held against the sums that come of
    dealing the respondents, with all of their answers, to the segments at random.
    """
    codes = np.unique(segments, return_inverse=True)[1]
    varying = choices[:, choices.any(axis=0) & ~choices.all(axis=0)].astype(np.float64)
    if codes.max(initial=0) == 0 or not varying.shape[1]:
        return SegmentTest(None, None)
    dealt = codes[_orders(len(codes))]
    observed, *others = _pearson_sums(np.vstack([codes, dealt]), varying)
    extreme = int(np.sum(np.asarray(others) >= observed - _ROUNDING))
    return SegmentTest((1 + extreme) / (1 + RESAMPLE_COUNT), SegmentMethod.PERMUTATION)


@lru_cache(maxsize=8)
def _orders(count: int) -> NDArray[np.intp]:
    """Seeded random orders of so many respondents, a row each; drawn once for all questions."""
    generator = np.random.default_rng(_SEED)
    return generator.permuted(np.tile(np.arange(count), (RESAMPLE_COUNT, 1)), axis=1)


def _pearson_sums(codes: NDArray[np.int64], chosen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over options of X² for each row of `codes`, which gives every respondent a segment."""
    share = chosen.mean(axis=0)
    sums = np.zeros(len(codes))
    for segment in range(int(codes[0].max()) + 1):
        members = (codes == segment).astype(np.float64)
        expected = members[0].sum() * share
        sums += np.sum((members @ chosen - expected) ** 2 / (expected * (1 - share)), axis=1)
    return sums


def _columns(total: int, room: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All ways to fill one column of `total` into rows that have so much room left."""
    if len(room) == 1:
        if total <= room[0]:
            yield (total,)
        return
    for first in range(max(0, total - sum(room[1:])), min(total, room[0]) + 1):
        for rest in _columns(total - first, room[1:]):
            yield (first, *rest)


def _table_count(rows: tuple[int, ...], columns: tuple[int, ...]) -> int:
    """How many tables have these margins, or a number above MAX_TABLES if too many to go through."""

    @cache
    def count(room: tuple[int, ...], place: int) -> int:
        if place == len(columns) - 1:
            return 1
        found = 0
        for column in _columns(columns[place], room):
            found += count(tuple(sorted(np.subtract(room, column).tolist())), place + 1)
            if found > MAX_TABLES:
                break
        return found

    return count(tuple(sorted(rows)), 0)


def _exact_p(rows: tuple[int, ...], columns: tuple[int, ...], limit: float) -> float:
    """The probability of all tables with these margins that are no likelier than `limit` (a log)."""
    log_factorial = [math.lgamma(i + 1) for i in range(sum(rows) + 1)]
    constant = sum(log_factorial[i] for i in (*rows, *columns)) - log_factorial[sum(rows)]

    def tails(room: tuple[int, ...], place: int, log_chance: float) -> Iterator[float]:
        if place == len(columns) - 1:
            chance = log_chance - sum(log_factorial[i] for i in room)
            if chance <= limit:
                yield math.exp(chance)
            return
        for column in _columns(columns[place], room):
            left = tuple(whole - part for whole, part in zip(room, column, strict=True))
            yield from tails(left, place + 1, log_chance - sum(log_factorial[i] for i in column))

    return min(1.0, math.fsum(tails(rows, 0, constant)))
