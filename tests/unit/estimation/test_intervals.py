"""Limits of one share, and when they validate a need."""

from __future__ import annotations

import pytest
from scipy.stats import binom, binomtest  # type: ignore[import-untyped]

from dpg_warehouse.estimation.intervals import hypergeometric_limits, need_is_validated, wilson_limits


def test_the_headlines_limits() -> None:
    assert [round(limit, 3) for limit in hypergeometric_limits(150, 40, 26)] == [0.507, 0.773]
    assert [round(limit, 3) for limit in hypergeometric_limits(150, 40, 19)] == [0.340, 0.613]


@pytest.mark.parametrize(("chosen", "base"), [(0, 12), (26, 40), (12, 12)])
def test_wilsons_limits_are_scipys(chosen: int, base: int) -> None:
    expected = binomtest(chosen, base).proportion_ci(method="wilson")
    assert wilson_limits(chosen, base) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("counts", [(30, 31, 2), (30, 10, 11), (30, 0, 0), (30, 10, -1)])
def test_counts_that_cannot_be_have_no_limits(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no "):
        hypergeometric_limits(*counts)


def test_a_majority_of_the_answers_is_not_yet_a_majority_of_the_invited() -> None:
    assert need_is_validated(150, 40, 26)
    assert not need_is_validated(150, 40, 25)
    assert not need_is_validated(None, 40, 26)
    assert need_is_validated(None, 40, 27)
    assert not need_is_validated(150, 0, 0)


def test_a_limit_of_exactly_one_half_is_not_above_it() -> None:
    assert hypergeometric_limits(4, 4, 2)[0] == 0.5
    assert not need_is_validated(4, 4, 2)


def test_without_a_list_a_majority_is_shown_wrongly_in_at_most_25_of_1000_waves() -> None:
    for base in range(1, 201):
        shown = [k for k in range(base + 1) if need_is_validated(None, base, k)]
        assert sum(binom.pmf(shown, base, 0.5)) <= 0.025
