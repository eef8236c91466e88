"""Rank limits: what they say of clear and of unclear orders, and how often they are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dpg_warehouse.estimation.ranks import RankLimits, rank_limits

Bools = NDArray[np.bool_]
Shares = NDArray[np.float64]


def choices_of(*counts: int) -> Bools:
    """A single choice: so many respondents chose each option."""
    return np.repeat(np.eye(len(counts), dtype=np.bool_), counts, axis=0)


def test_the_headline_has_one_first_and_the_others_share_the_rest() -> None:
    limits = rank_limits(choices_of(26, 6, 4, 1, 1, 1, 1))
    assert limits[0] == RankLimits(1, 1)
    assert {limit.rank_low for limit in limits[1:]} == {2}
    assert limits[2] == RankLimits(2, 7)


def test_two_options_as_frequent_as_each_other_share_all_ranks() -> None:
    assert rank_limits(choices_of(20, 20)) == (RankLimits(1, 2), RankLimits(1, 2))


def test_respondents_who_chose_both_or_neither_tell_nothing_of_the_order() -> None:
    few = np.array([[1, 0]] * 3 + [[1, 1]] * 30 + [[0, 0]] * 30, dtype=np.bool_)
    assert rank_limits(few) == (RankLimits(1, 2), RankLimits(1, 2))


def test_a_small_advantage_of_many_who_chose_both_is_seen() -> None:
    # 40 to 30 of 40 alone would not be told apart, but nobody chose the second alone.
    nested = np.array([[1, 1]] * 30 + [[1, 0]] * 10, dtype=np.bool_)
    assert rank_limits(nested) == (RankLimits(1, 1), RankLimits(2, 2))


def test_no_answers_and_a_single_option_leave_all_open() -> None:
    assert rank_limits(np.zeros((0, 3), dtype=np.bool_)) == (RankLimits(1, 3),) * 3
    assert rank_limits(choices_of(12)) == (RankLimits(1, 1),)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=40),
    st.permutations(range(4)),
)
def test_the_limits_hold_the_observed_rank_and_go_with_the_option(
    rows: list[list[bool]], order: list[int]
) -> None:
    choices = np.asarray(rows, dtype=np.bool_)
    limits = rank_limits(choices)
    counts = choices.sum(axis=0)
    for option, limit in enumerate(limits):
        assert limit.rank_low <= 1 + np.sum(counts > counts[option])
        assert limit.rank_high >= 4 - np.sum(counts < counts[option])
    assert rank_limits(choices[:, order]) == tuple(limits[option] for option in order)


def single(generator: np.random.Generator, shares: Shares) -> Bools:
    return np.eye(shares.size, dtype=np.bool_)[generator.choice(shares.size, size=40, p=shares)]


def several(generator: np.random.Generator, shares: Shares) -> Bools:
    return np.asarray(generator.random((40, shares.size)) < shares, dtype=np.bool_)


@pytest.mark.parametrize(
    ("draw", "shares"),
    [
        (single, np.array([26, 6, 4, 1, 1, 1, 1]) / 40),
        (single, np.full(7, 1 / 7)),
        (single, np.array([0.4, 0.4, 0.1, 0.1])),
        (several, np.array([27, 16, 14, 15, 11, 9]) / 40),
        (several, np.full(6, 0.5)),
    ],
)
def test_all_true_ranks_of_a_question_lie_within_the_limits_in_95_of_100_waves(draw, shares) -> None:  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(20220322)
    best = np.array([1 + np.sum(shares > share) for share in shares])
    worst = np.array([len(shares) - np.sum(shares < share) for share in shares])
    covered = 0
    for _ in range(1000):
        limits = rank_limits(draw(generator, shares))
        lows, highs = (
            np.array([getattr(limit, end) for limit in limits]) for end in ("rank_low", "rank_high")
        )
        covered += bool(np.all((lows <= best) & (highs >= worst)))
    assert covered >= 950
