"""One share's difference between two waves: its interval and its test.

All are about the process that makes people answer as they do, not about the finite list of the
invited: without the finite population, two waves of a census differ only by chance as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import binomtest, fisher_exact  # type: ignore[import-untyped]

from dpg_warehouse.estimation.intervals import wilson_limits


@dataclass(frozen=True)
class Wave:
    """How many of a wave's base chose an option."""

    chosen: int
    base: int

    def __post_init__(self) -> None:
        """Refuse what is no share: a cell without a base is not tested."""
        if not 0 <= self.chosen <= self.base or self.base == 0:
            raise ValueError(f"no share: {self.chosen} of {self.base}")

    @property
    def share(self) -> float:
        """The share of the base that chose."""
        return self.chosen / self.base


@dataclass(frozen=True)
class Linked:
    """The respondents who are in the base of both waves, by what they chose."""

    both: int = 0
    only_earlier: int = 0
    only_later: int = 0
    neither: int = 0

    @property
    def count(self) -> int:
        """How many are in both bases."""
        return self.both + self.only_earlier + self.only_later + self.neither

    @property
    def earlier(self) -> Wave:
        """The earlier wave, of these respondents alone."""
        return Wave(self.both + self.only_earlier, self.count)

    @property
    def later(self) -> Wave:
        """The later wave, of these respondents alone."""
        return Wave(self.both + self.only_later, self.count)


@dataclass(frozen=True)
class Difference:
    """Later less earlier share, as a fraction, with its 95 % interval and two-sided p-value."""

    change: float
    ci_low: float
    ci_high: float
    p_value: float


def independent_difference(earlier: Wave, later: Wave) -> Difference:
    """Two waves of different people: Newcombe's interval and the two-proportion test."""
    return overlapping_difference(earlier, later, Linked())


def overlapping_difference(earlier: Wave, later: Wave, linked: Linked) -> Difference:
    """All respondents of two waves, some of whom are in both.

    The covariance of those in both is subtracted from the variance (Derrick et al. 2015), in the
    interval as a correlation of the two shares (Zou & Donner 2008). Without anybody in both this is
    Newcombe's interval for independent samples (1998, method 10); with everybody, his for pairs.
    """
    both = linked.count / math.sqrt(earlier.base * later.base)
    correlation = both * _phi(linked, corrected=True)
    p_value = _two_proportion_p(earlier, later, both * _phi(linked, corrected=False))
    return Difference(later.share - earlier.share, *_newcombe(earlier, later, correlation), p_value)


def linked_difference(linked: Linked) -> Difference:
    """The same people twice: Newcombe's interval for pairs and the exact test of McNemar (1947)."""
    limits = _newcombe(linked.earlier, linked.later, _phi(linked, corrected=True))
    changed = linked.only_earlier + linked.only_later
    p_value = float(binomtest(linked.only_later, changed).pvalue) if changed else 1.0
    return Difference(linked.later.share - linked.earlier.share, *limits, p_value)


def _newcombe(earlier: Wave, later: Wave, correlation: float) -> tuple[float, float]:
    """Square and add the distances of Wilson's limits, less twice the covariance that they imply."""
    change = later.share - earlier.share
    early_low, early_high = wilson_limits(earlier.chosen, earlier.base)
    late_low, late_high = wilson_limits(later.chosen, later.base)
    down = _distance(later.share - late_low, early_high - earlier.share, correlation)
    up = _distance(late_high - later.share, earlier.share - early_low, correlation)
    return max(-1.0, change - down), min(1.0, change + up)


def _distance(first: float, second: float, correlation: float) -> float:
    return math.sqrt(max(0.0, first * first - 2 * correlation * first * second + second * second))


def _phi(linked: Linked, corrected: bool) -> float:
    """The correlation of the two answers; corrected towards none as by Newcombe where it is positive."""
    cross: float = linked.both * linked.neither - linked.only_earlier * linked.only_later
    if corrected and cross > 0:
        cross = max(0.0, cross - linked.count / 2)
    margins = (
        (linked.both + linked.only_earlier)
        * (linked.only_later + linked.neither)
        * (linked.both + linked.only_later)
        * (linked.only_earlier + linked.neither)
    )
    return cross / math.sqrt(margins) if margins else 0.0


def _two_proportion_p(earlier: Wave, later: Wave, correlation: float) -> float:
    """The z-test with the pooled share, which the hypothesis supposes that both waves have.

    Discrete counts make it err where few are expected: after Campbell (2007) the square is multiplied
    by (n - 1) / n, and where less than one answer is expected in a cell Fisher's exact test is taken.
    """
    total, chosen = earlier.base + later.base, earlier.chosen + later.chosen
    if min(chosen, total - chosen) * min(earlier.base, later.base) < total:
        table = [[wave.chosen, wave.base - wave.chosen] for wave in (earlier, later)]
        return float(fisher_exact(table)[1])
    each = chosen / total * (1 - chosen / total)
    covariance = correlation / math.sqrt(earlier.base * later.base)
    variance = each * (1 / earlier.base + 1 / later.base - 2 * covariance) * total / (total - 1)
    if variance <= 0:
        return 1.0
    return math.erfc(abs(later.share - earlier.share) / math.sqrt(2 * variance))
