"""Summaries of scales and ranks: their bases, their rules and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp  # type: ignore[import-untyped]

from dpg_warehouse.estimation.intervals import hypergeometric_limits, wilson_limits
from dpg_warehouse.estimation.scales import Figure, mean_figure, median_figure, rank_summary, scale_summary

STEPS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def test_a_scale_has_mean_median_and_top_two_with_their_bases() -> None:
    values = np.repeat(STEPS, [2, 4, 8, 14, 8])
    summary = scale_summary(values, STEPS, base_count=40, population_count=150)
    assert summary is not None
    assert summary.mean.value == pytest.approx(130 / 36)
    assert (summary.median.value, summary.mean.base_count, summary.step_count) == (4, 36, 5)
    assert summary.top_share == Figure(22 / 40, *hypergeometric_limits(150, 40, 22), 40)


def test_the_two_highest_steps_are_those_offered_not_those_chosen() -> None:
    summary = scale_summary(np.repeat([1.0, 2.0, 3.0], 6), STEPS, base_count=18)
    assert summary is not None
    assert summary.top_share == Figure(0.0, *wilson_limits(0, 18), 18)


def test_a_number_has_no_top_share_and_no_steps() -> None:
    summary = scale_summary(np.array([0.0, 3, 6, 6, 9, 12, 12, 18, 24]), None, base_count=9)
    assert summary is not None
    assert (summary.top_share, summary.step_count) == (None, None)


def test_nobody_on_the_scale_has_no_summary() -> None:
    assert scale_summary(np.array([]), STEPS, base_count=4) is None


def test_the_interval_of_a_mean_is_students() -> None:
    values = np.repeat(STEPS, [3, 6, 10, 14, 7])
    found = mean_figure(values, 1, 5, None)
    expected = ttest_1samp(values, 0).confidence_interval()
    assert (found.ci_low, found.ci_high) == pytest.approx((expected.low, expected.high))


def test_knowing_how_many_were_invited_narrows_the_mean() -> None:
    values = np.repeat(STEPS, [3, 6, 10, 14, 7])
    wide, narrow = mean_figure(values, 1, 5, None), mean_figure(values, 1, 5, 150)
    assert wide.ci_high is not None
    assert narrow.ci_high is not None
    ratio = (narrow.ci_high - narrow.value) / (wide.ci_high - wide.value)
    assert ratio == pytest.approx(np.sqrt(1 - 40 / 150))


def test_a_census_leaves_no_interval() -> None:
    values = np.repeat(STEPS, 2)
    assert mean_figure(values, 1, 5, 10) == Figure(3, 3, 3, 10)
    assert median_figure(values, 10) == Figure(3, 3, 3, 10)


def test_answers_that_all_agree_tell_nothing_of_how_others_vary() -> None:
    assert mean_figure(np.full(12, 5.0), 1, 5, 150) == Figure(5, None, None, 12)


def test_an_interval_stays_on_the_scale() -> None:
    found = mean_figure(np.repeat([1.0, 5.0], [1, 5]), 1, 5, None)
    assert found.ci_high == 5


def test_five_answers_allow_no_interval_of_a_median_and_six_the_widest() -> None:
    # 2 / 2⁵ is above 5 %, 2 / 2⁶ is below.
    assert median_figure(np.arange(5.0), None) == Figure(2, None, None, 5)
    assert median_figure(np.arange(6.0), None) == Figure(2.5, 0, 5, 6)


@pytest.mark.parametrize("population", [None, 150, 60])
def test_the_interval_of_a_median_holds_it_in_95_of_100_waves(population: int | None) -> None:
    generator = np.random.default_rng(20220322)
    invited = generator.choice(STEPS, size=population or 100_001, p=[0.1, 0.2, 0.3, 0.25, 0.15])
    median = np.median(invited)
    covered = 0
    for _ in range(400):
        found = median_figure(generator.choice(invited, size=40, replace=population is None), population)
        assert found.ci_low is not None
        assert found.ci_high is not None
        covered += found.ci_low <= median <= found.ci_high
    assert covered >= 380


def test_borda_gives_three_two_and_one_of_three_points_and_none_to_the_unranked() -> None:
    summary = rank_summary(np.array([1, 1, 2, 3]), base_count=10, option_count=7, place_count=3)
    assert summary.borda.value == pytest.approx((3 + 3 + 2 + 1) / 3 / 10)
    assert summary.borda.base_count == 10
    assert summary.mean_rank is not None
    assert (summary.mean_rank.value, summary.mean_rank.base_count) == (1.75, 4)
    assert summary.top_share == Figure(0.2, *wilson_limits(2, 10), 10)
    assert (summary.option_count, summary.place_count) == (7, 3)


def test_an_option_that_nobody_ranked_has_no_mean_rank() -> None:
    summary = rank_summary(np.array([], dtype=np.int64), base_count=10, option_count=7, place_count=3)
    assert summary.mean_rank is None
    assert summary.borda == Figure(0, None, None, 10)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=60), st.integers(0, 90) | st.none())
def test_intervals_hold_their_figures(answers: list[int], silent: int | None) -> None:
    values = np.array(answers, dtype=np.float64)
    population = None if silent is None else len(answers) + silent
    for figure in (mean_figure(values, 1, 5, population), median_figure(values, population)):
        if figure.ci_low is not None and figure.ci_high is not None:
            assert 1 <= figure.ci_low <= figure.value <= figure.ci_high <= 5
