"""Limits of one share: Wilson's, and the exact ones of a finite population.

The marts take both from SQL (dbt_project/macros/statistics); these are for the figures that Python
works out, and tests/golden holds the two against each other.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.stats import binom, hypergeom, norm  # type: ignore[import-untyped]

CI_LEVEL = 0.95
TAIL = (1 - CI_LEVEL) / 2
Z = float(norm.ppf(1 - TAIL))
# Keeps a tail that equals the level exactly from passing by a rounding error.
_ROUNDING = 1e-11

Limits = tuple[float, float]


def wilson_limits(chosen: float, base: float) -> Limits:
    """Wilson's score interval (1927) for `chosen` of `base`, which may be effective numbers."""
    share = chosen / base
    middle = share + Z * Z / (2 * base)
    half = Z * math.sqrt(share * (1 - share) / base + Z * Z / (4 * base * base))
    scale = 1 + Z * Z / base
    return min(share, (middle - half) / scale), max(share, (middle + half) / scale)


@cache
def hypergeometric_limits(population: int, base: int, chosen: int) -> Limits:
    """Exact limits for the share of `population` when `chosen` of `base` chose (Wright 1991).

    They invert the two one-sided tests: the fewest choosers of all for which so many or more in the
    base are not too unlikely, and the most for which so few or fewer are not.
    """
    if not 0 <= chosen <= base <= population or base == 0:
        raise ValueError(f"no {chosen} of {base} of {population}")
    choosers = np.arange(population + 1)
    at_least = hypergeom.sf(chosen - 1, population, choosers, base)
    at_most = hypergeom.cdf(chosen, population, choosers, base)
    low = int(np.argmax(at_least > TAIL + _ROUNDING))
    high = population - int(np.argmax(at_most[::-1] > TAIL + _ROUNDING))
    return low / population, high / population


def need_is_validated(population: int | None, base: int, chosen: int) -> bool:
    """Whether more than half want it, at the one-sided level of 2.5 %.

    A question that a majority affirms among those who answered is not enough. Without a known
    `population` the test is the exact binomial one: where Wilson's lower limit is above one half, it
    may be wrong in up to 3.9 of 100 waves.
    """
    if base == 0:
        return False
    if population is None:
        return bool(binom.sf(chosen - 1, base, 0.5) <= TAIL)
    return hypergeometric_limits(population, base, chosen)[0] > 0.5
