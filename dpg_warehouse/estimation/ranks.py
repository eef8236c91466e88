"""Which ranks of an option the answers allow: a joint 95 % confidence set for all options of a question.

Any two options are compared within the same respondents: of those who chose one and not the other,
half should have chosen each if both were as frequent, which is an exact binomial test however rare the
options are. Holm's procedure (1979) over all ordered pairs holds the chance of any wrong order at 5 %. An
option's best rank is then 1 plus the options found above it, its worst the number of options less
those found below (Klein, Wright & Wieczorek 2020; Mogstad et al. 2024; Bazylik et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom  # type: ignore[import-untyped]

LEVEL = 0.05


@dataclass(frozen=True)
class RankLimits:
    """The best and the worst rank of an option that the answers allow, 1 for the most frequent."""

    rank_low: int
    rank_high: int


def rank_limits(choices: NDArray[np.bool_]) -> tuple[RankLimits, ...]:
    """The rank limits of each option; `choices` is respondents of the base by options."""
    option_count = choices.shape[1]
    chosen = choices.astype(np.int64)
    # only[j, k]: how many chose j and not k.
    only = chosen.sum(axis=0)[:, None] - chosen.T @ chosen
    first, second = np.nonzero(~np.eye(option_count, dtype=np.bool_))
    p_values = binom.sf(only[first, second] - 1, only[first, second] + only[second, first], 0.5)
    above = np.zeros((option_count, option_count), dtype=np.bool_)
    above[first, second] = holm_rejects(p_values)
    lows, highs = 1 + above.sum(axis=0), option_count - above.sum(axis=1)
    return tuple(RankLimits(int(low), int(high)) for low, high in zip(lows, highs, strict=True))


def holm_rejects(p_values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which hypotheses Holm's procedure rejects: the smallest p-values until one is too large."""
    order = np.argsort(p_values, kind="stable")
    allowed = LEVEL / (len(p_values) - np.arange(len(p_values)))
    rejected = np.zeros(len(p_values), dtype=np.bool_)
    rejected[order] = np.logical_and.accumulate(p_values[order] <= allowed)
    return rejected
