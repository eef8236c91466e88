"""Changes: what is tested, what is said of it, and how often something is said where nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom  # type: ignore[import-untyped]

from dpg_warehouse.estimation.change import (
    Change,
    ChangeMethod,
    ChangeStatus,
    Pair,
    benjamini_hochberg,
    changes_of_family,
    detectable_points,
)
from dpg_warehouse.estimation.differences import (
    Linked,
    Wave,
    independent_difference,
    linked_difference,
    overlapping_difference,
)

counts = st.integers(0, 30)
tables = st.builds(Linked, counts, counts, counts, counts).filter(lambda table: table.count > 0)
waves = st.integers(1, 60).flatmap(lambda base: st.builds(Wave, st.integers(0, base), st.just(base)))


def only(pair: Pair) -> Change:
    (change,) = changes_of_family([pair])
    return change


def test_two_waves_of_forty_near_one_half_detect_31_points_and_39_of_seven_options() -> None:
    assert round(detectable_points(40, 40, 1)) == 31
    assert round(detectable_points(40, 40, 7)) == 39


def test_a_change_of_the_detectable_size_is_found_in_four_of_five_pairs() -> None:
    # Exact power of the test itself, from .345 to .655.
    half = detectable_points(40, 40, 1) / 200
    found = sum(
        float(binom.pmf(x, 40, 0.5 - half) * binom.pmf(y, 40, 0.5 + half))
        for x in range(41)
        for y in range(41)
        if independent_difference(Wave(x, 40), Wave(y, 40)).p_value <= 0.05
    )
    assert 0.8 <= found <= 0.86


def test_a_rise_and_a_fall_are_told_from_what_cannot_be_detected() -> None:
    changes = changes_of_family(
        [Pair(Wave(5, 40), Wave(30, 44)), Pair(Wave(30, 40), Wave(5, 44)), Pair(Wave(26, 40), Wave(20, 44))]
    )
    assert [change.status for change in changes] == [
        ChangeStatus.RISE,
        ChangeStatus.FALL,
        ChangeStatus.NOT_DETECTABLE,
    ]
    assert changes[0].points == pytest.approx(100 * (30 / 44 - 5 / 40))
    assert {change.family_size for change in changes} == {3}


def test_a_change_that_stands_alone_may_not_stand_among_many() -> None:
    pair, still = Pair(Wave(26, 40), Wave(18, 44)), Pair(Wave(20, 40), Wave(22, 44))
    assert only(pair).status is ChangeStatus.FALL
    assert changes_of_family([pair, *[still] * 6])[0].status is ChangeStatus.NOT_DETECTABLE


def test_waves_that_cannot_be_linked_say_that_independence_is_assumed() -> None:
    change = only(Pair(Wave(26, 40), Wave(20, 44)))
    assert change.method is ChangeMethod.INDEPENDENT
    assert change.overlap_count is None
    assert "independence assumed" in change.assumption


def test_linkable_waves_without_a_common_respondent_assume_nothing_of_it() -> None:
    change = only(Pair(Wave(26, 40), Wave(20, 44), Linked()))
    assert change.method is ChangeMethod.INDEPENDENT
    assert change.overlap_count == 0
    assert "nobody answered both" in change.assumption


def test_an_overlap_that_repeats_itself_narrows_the_interval() -> None:
    apart = only(Pair(Wave(26, 40), Wave(20, 44)))
    together = only(Pair(Wave(26, 40), Wave(20, 44), Linked(11, 2, 1, 8)))
    assert together.method is ChangeMethod.PARTIAL_OVERLAP
    assert together.overlap_count == 22
    assert "22 who answered both" in together.assumption
    assert together.ci_low_points > apart.ci_low_points
    assert together.ci_high_points < apart.ci_high_points
    assert together.p_value < apart.p_value


def test_an_overlap_of_all_is_newcombes_interval_for_pairs() -> None:
    table = Linked(12, 3, 9, 6)
    whole, pairs = overlapping_difference(table.earlier, table.later, table), linked_difference(table)
    assert (whole.ci_low, whole.ci_high) == pytest.approx((pairs.ci_low, pairs.ci_high))


def test_those_alone_who_answered_twice_have_the_exact_test_of_mcnemar() -> None:
    rise, same = changes_of_family(
        [Pair.of_linked(table) for table in (Linked(5, 0, 12, 5), Linked(10, 3, 3, 6))]
    )
    assert (rise.method, rise.status, rise.overlap_count) == (ChangeMethod.LINKED, ChangeStatus.RISE, 22)
    assert same.p_value == 1
    assert "alone who answered both" in same.assumption


def test_nobody_who_changed_is_no_evidence_of_change() -> None:
    assert linked_difference(Linked(10, 0, 0, 12)).p_value == 1


@pytest.mark.parametrize(("chosen", "base"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share_is_refused(chosen: int, base: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        Wave(chosen, base)


@given(waves, waves)
def test_the_other_direction_is_the_mirror_image(earlier: Wave, later: Wave) -> None:
    there, back = independent_difference(earlier, later), independent_difference(later, earlier)
    assert there.p_value == pytest.approx(back.p_value)
    assert (there.ci_low, there.ci_high) == pytest.approx((-back.ci_high, -back.ci_low), abs=1e-12)
    assert -1 <= there.ci_low <= there.change + 1e-12
    assert there.change - 1e-12 <= there.ci_high <= 1


@given(tables)
def test_linked_intervals_hold_the_change(table: Linked) -> None:
    found = linked_difference(table)
    assert -1 <= found.ci_low <= found.change + 1e-12
    assert found.change - 1e-12 <= found.ci_high <= 1
    assert 0 <= found.p_value <= 1


@given(st.lists(st.floats(0, 1), max_size=12))
def test_q_values_are_at_least_p_and_keep_their_order(p_values: list[float]) -> None:
    q_values = benjamini_hochberg(p_values)
    assert all(q >= p - 1e-12 for p, q in zip(p_values, q_values, strict=True))
    order = np.argsort(p_values)
    assert np.all(np.diff(q_values[order]) >= -1e-12)


@pytest.mark.parametrize(("earlier", "later"), [(40, 40), (40, 43), (10, 40), (11, 12), (28, 31)])
def test_one_test_errs_in_at_most_6_of_100_pairs_whatever_the_share(earlier: int, later: int) -> None:
    # Enumerated, as counts are discrete: the plain z-test errs in up to 9 of 100 with bases of 10 and 40.
    p_values = np.array(
        [
            [independent_difference(Wave(x, earlier), Wave(y, later)).p_value for y in range(later + 1)]
            for x in range(earlier + 1)
        ]
    )
    shares = np.linspace(0.01, 0.5, 50)[:, None]
    early, late = (binom.pmf(np.arange(base + 1), base, shares) for base in (earlier, later))
    errors = np.einsum("sx,sy,xy->s", early, late, (p_values <= 0.05).astype(float))
    assert errors.max() <= 0.06


def test_an_overlap_errs_in_at_most_6_of_100_pairs_and_its_interval_holds_the_truth_in_95() -> None:
    # 25 of 40 and of 44 are the same people, and two thirds of these repeat their answer.
    generator = np.random.default_rng(20220322)
    errors, covered, runs = 0, 0, 2000
    for _ in range(runs):
        first, second = generator.random(40) < 0.45, generator.random(44) < 0.45
        second[:25] = np.where(generator.random(25) < 2 / 3, first[:25], second[:25])
        both = np.histogram2d(first[:25], second[:25], bins=2, range=[[0, 1], [0, 1]])[0].astype(int)
        linked = Linked(int(both[1, 1]), int(both[1, 0]), int(both[0, 1]), int(both[0, 0]))
        found = overlapping_difference(Wave(int(first.sum()), 40), Wave(int(second.sum()), 44), linked)
        errors += found.p_value <= 0.05
        covered += found.ci_low <= 0 <= found.ci_high
    assert errors <= 0.06 * runs
    assert covered >= 0.94 * runs
