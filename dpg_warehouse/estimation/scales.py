"""Summaries of scales, numbers and ranks, each with its base and interval.

The intervals suppose response at random. With `population_count`, how many were invited, they are
for that finite list; without it, for a large one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, hypergeom, t  # type: ignore[import-untyped]

from dpg_warehouse.estimation.intervals import TAIL, hypergeometric_limits, wilson_limits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A value with the limits of its 95 % interval, None where the answers give none.

    `base_count` is how many answers it is of.
    """

    value: float
    ci_low: float | None
    ci_high: float | None
    base_count: int


@dataclass(frozen=True)
class ScaleSummary:
    """A scale or number: `step_count` (K) steps, None for a number."""

    mean: Figure
    median: Figure
    top_share: Figure | None
    step_count: int | None


@dataclass(frozen=True)
class RankSummary:
    """One option of a rank question with `option_count` (K) options and `place_count` places.

    `mean_rank` is of those who ranked the option, None if nobody did. `borda` is the mean share of
    the points that an option can get: with three places the first gives 3, the second 2, the third
    1, none 0, of all in the base, divided by 3.
    """

    mean_rank: Figure | None
    borda: Figure
    top_share: Figure
    option_count: int
    place_count: int


def scale_summary(
    values: Floats, steps: Floats | None, base_count: int, population_count: int | None = None
) -> ScaleSummary | None:
    """Mean, median and share of the two highest steps; None if nobody gave a step.

    `values` are the steps (or numbers) of those who gave one; `base_count` counts those who said
    "don't know" as well, as the measure scale_top2 does. `steps` are all steps that a wave offered.
    """
    if not values.size:
        return None
    if steps is None:
        return ScaleSummary(
            mean_figure(values, -math.inf, math.inf, population_count),
            median_figure(values, population_count),
            None,
            None,
        )
    offered = np.unique(steps)
    top_count = int(np.sum(values >= offered[-2]))
    return ScaleSummary(
        mean_figure(values, float(offered[0]), float(offered[-1]), population_count),
        median_figure(values, population_count),
        share_figure(top_count, base_count, population_count),
        len(offered),
    )


def rank_summary(
    places: NDArray[np.int64],
    base_count: int,
    option_count: int,
    place_count: int,
    population_count: int | None = None,
) -> RankSummary:
    """One option's mean rank, Borda points and share of first places.

    `places` are the places (1 is first) of those in the base who ranked the option; nobody who
    ranked no option at all is in the base.
    """
    ranks = places.astype(np.float64)
    points = np.zeros(base_count)
    points[: ranks.size] = (place_count + 1 - ranks) / place_count
    return RankSummary(
        mean_rank=mean_figure(ranks, 1.0, float(place_count), None) if ranks.size else None,
        borda=mean_figure(points, 0.0, 1.0, population_count),
        top_share=share_figure(int(np.sum(places == 1)), base_count, population_count),
        option_count=option_count,
        place_count=place_count,
    )


def share_figure(chosen: int, base: int, population_count: int | None) -> Figure:
    """A share with the interval that the marts publish for it."""
    if population_count is None:
        return Figure(chosen / base, *wilson_limits(chosen, base), base)
    return Figure(chosen / base, *hypergeometric_limits(population_count, base, chosen), base)


def mean_figure(values: Floats, lowest: float, highest: float, population_count: int | None) -> Figure:
    """A mean with Student's interval, kept within the scale.

    Where all answers are the same they tell nothing of how others vary: no interval, but for a census.
    """
    n, mean = values.size, float(values.mean())
    if population_count == n:
        return Figure(mean, mean, mean, n)
    spread = float(values.std(ddof=1)) if n > 1 else 0.0
    if spread == 0:
        return Figure(mean, None, None, n)
    correction = 1.0 if population_count is None else 1 - n / population_count
    half = float(t.ppf(1 - TAIL, n - 1)) * spread * math.sqrt(correction / n)
    return Figure(mean, max(lowest, mean - half), min(highest, mean + half), n)


def median_figure(values: Floats, population_count: int | None) -> Figure:
    """The median with the interval between two order statistics, which supposes no distribution.

    None where so few answers allow none at 95 %.
    """
    n, ordered = values.size, np.sort(values)
    median = float(np.median(ordered))
    if population_count == n:
        return Figure(median, median, median, n)
    # Of the whole list at least half lie at or below its median, and at least half at or above.
    below: Any = (
        binom(n, 0.5)
        if population_count is None
        else hypergeom(population_count, (population_count + 1) // 2, n)
    )
    # The place-th smallest lies above the median only if fewer than `place` answers are below.
    place = int(np.sum(below.cdf(np.arange(n)) <= TAIL))
    if place == 0:
        return Figure(median, None, None, n)
    return Figure(median, float(ordered[place - 1]), float(ordered[n - place]), n)
