"""What changed in a question from one wave to another, with the number of options tested accounted for.

A family is all that is tested of one question between two waves: its measures, options and unions of
options, of all who answered and of those alone who answered twice. Within it the share of false reports
among the reported changes is held (Benjamini & Hochberg 1995), which, where nothing changed, is the
chance of any report at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control  # type: ignore[import-untyped]

from dpg_warehouse.estimation.differences import (
    Difference,
    Linked,
    Wave,
    independent_difference,
    linked_difference,
    overlapping_difference,
)

LEVEL = 0.05
POWER = 0.8


class ChangeMethod(StrEnum):
    """How a change was estimated and tested."""

    INDEPENDENT = "newcombe_independent"
    PARTIAL_OVERLAP = "newcombe_partial_overlap"
    LINKED = "mcnemar_exact"


class ChangeStatus(StrEnum):
    """What may be said of a tested change."""

    RISE = "rise"
    FALL = "fall"
    NOT_DETECTABLE = "not_detectable"


@dataclass(frozen=True)
class Pair:
    """One option in two waves.

    `linked` are the respondents in both bases; None where the waves cannot be linked, so that nobody
    knows how many there are, or where that may not be shown (`is_withheld`).
    """

    earlier: Wave
    later: Wave
    linked: Linked | None = None
    is_withheld: bool = False
    is_of_linked: bool = False  # compares those alone who answered twice

    @classmethod
    def of_linked(cls, table: Linked) -> Pair:
        """The option among those alone who answered both waves."""
        return cls(table.earlier, table.later, table, is_of_linked=True)


@dataclass(frozen=True)
class Change:
    """One row of trend_change; `points` are percentage points.

    `overlap_count` is None where the waves cannot be linked or it is not shown. `detectable_points` is
    the smallest change that two such waves can hope to detect among so many tests.
    """

    points: float
    ci_low_points: float
    ci_high_points: float
    p_value: float
    q_value: float
    family_size: int
    overlap_count: int | None
    method: ChangeMethod
    assumption: str
    detectable_points: float
    status: ChangeStatus


def changes_of_family(pairs: Sequence[Pair]) -> tuple[Change, ...]:
    """The change of each pair of what is tested together, in order."""
    found = [_compared(pair) for pair in pairs]
    q_values = benjamini_hochberg([difference.p_value for difference, _ in found])
    return tuple(
        _change(pair, difference, method, q_value, len(pairs))
        for pair, (difference, method), q_value in zip(pairs, found, q_values, strict=True)
    )


def benjamini_hochberg(p_values: Sequence[float]) -> NDArray[np.float64]:
    """The q-value of each test: the rate of false reports if it and all with smaller p were reported."""
    return np.asarray(false_discovery_control(p_values) if len(p_values) else [], dtype=np.float64)


def detectable_points(earlier_base: float, later_base: float, family_size: int) -> float:
    """The smallest change in points that is found with 80 % power, near one half, among so many tests.

    Two-sided at 5 % shared out evenly (Bonferroni): the step that the smallest p-value of a family
    has to take. Two waves of 40 need 31 points for one test and 39 for seven.
    """
    normal = NormalDist()
    quantiles = normal.inv_cdf(1 - LEVEL / (2 * family_size)) + normal.inv_cdf(POWER)
    points = 100 * quantiles * math.sqrt(0.25 / earlier_base + 0.25 / later_base)
    return min(100.0, points)


def _compared(pair: Pair) -> tuple[Difference, ChangeMethod]:
    if pair.linked is not None and pair.is_of_linked:
        return linked_difference(pair.linked), ChangeMethod.LINKED
    if pair.linked is None or pair.linked.count == 0:
        return independent_difference(pair.earlier, pair.later), ChangeMethod.INDEPENDENT
    difference = overlapping_difference(pair.earlier, pair.later, pair.linked)
    return difference, ChangeMethod.PARTIAL_OVERLAP


def _change(
    pair: Pair, difference: Difference, method: ChangeMethod, q_value: float, family_size: int
) -> Change:
    detected = ChangeStatus.RISE if difference.change > 0 else ChangeStatus.FALL
    return Change(
        points=100 * difference.change,
        ci_low_points=100 * difference.ci_low,
        ci_high_points=100 * difference.ci_high,
        p_value=difference.p_value,
        q_value=float(q_value),
        family_size=family_size,
        overlap_count=None if pair.linked is None else pair.linked.count,
        method=method,
        assumption=_assumption(pair, method),
        detectable_points=detectable_points(pair.earlier.base, pair.later.base, family_size),
        status=detected if q_value <= LEVEL else ChangeStatus.NOT_DETECTABLE,
    )


def _assumption(pair: Pair, method: ChangeMethod) -> str:
    """What the interval and the test take for granted, for the reader of the mart."""
    process = "Each wave's answers are a random draw of what owners would say at the time"
    if method is ChangeMethod.LINKED:
        return f"{process}; of those alone who answered both waves."
    if method is ChangeMethod.PARTIAL_OVERLAP:
        assert pair.linked is not None  # noqa: S101 - that is what makes the overlap known
        return f"{process}; the {pair.linked.count} who answered both waves are accounted for."
    if pair.is_withheld:
        return f"{process}; independence assumed: how many answered both waves is not shown."
    if pair.linked is None:
        return f"{process}; independence assumed: who answered both waves is not known."
    return f"{process}; nobody answered both waves."
