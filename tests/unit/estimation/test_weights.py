"""Raking gives the invited list's margins, or says why it doesn't."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpg_warehouse.estimation.margins import FrameLevel, Margin, collapsed_groups
from dpg_warehouse.estimation.weights import (
    MAX_DESIGN_EFFECT,
    MAX_WEIGHT_RATIO,
    RefusalReason,
    WaveWeights,
    WeightsRefused,
    rake,
)

ROLE = Margin("role", (FrameLevel("owner", 90), FrameLevel("implementer", 60)))


def margin(kind: str, is_ordinal: bool = False, **counts: int) -> Margin:
    return Margin(kind, tuple(FrameLevel(value, count) for value, count in counts.items()), is_ordinal)


def values(**counts: int) -> list[str | None]:
    return [value for value, count in counts.items() for _ in range(count)]


def raked(*margins: Margin, population: int = 150, **answers: list[str | None]) -> WaveWeights:
    weights = rake(margins, answers, population)
    assert isinstance(weights, WaveWeights), weights
    return weights


def refused(*margins: Margin, population: int = 150, **answers: list[str | None]) -> WeightsRefused:
    refusal = rake(margins, answers, population)
    assert isinstance(refusal, WeightsRefused), refusal
    return refusal


def weight_of(weights: WaveWeights, answers: list[str | None], value: str | None) -> float:
    return float(sum(w for w, answer in zip(weights.weights, answers, strict=True) if answer == value))


def test_weights_add_up_to_each_level_of_the_invited() -> None:
    role = values(owner=20, implementer=20)
    size = [*values(small=14, large=6), *values(small=8, large=12)]
    weights = raked(ROLE, margin("size", small=100, large=50), role=role, size=size)
    assert weight_of(weights, role, "owner") == pytest.approx(90)
    assert weight_of(weights, size, "small") == pytest.approx(100)
    assert weights.weights.sum() == pytest.approx(150)


def test_the_diagnostics_are_kishs() -> None:
    weights = raked(ROLE, role=values(owner=10, implementer=30))
    # Owners weigh 9, implementers 2: 40 (10 81 + 30 4) / 150².
    assert weights.design_effect == pytest.approx(40 * 930 / 150**2)
    assert weights.weight_ratio == pytest.approx(4.5)
    assert weights.weight_to_mean == pytest.approx(9 / 3.75)


def test_a_nominal_level_with_four_respondents_joins_the_other_small_ones() -> None:
    region = margin("region", africa=60, asia=50, europe=20, americas=20)
    answers = values(africa=20, asia=12, europe=4, americas=4)
    weights = raked(region, region=answers)
    assert weights.groups == {"region": ("africa", "asia", "europe + americas")}
    assert weight_of(weights, answers, "europe") == pytest.approx(20)


def test_an_ordinal_level_with_four_respondents_joins_its_smaller_neighbour() -> None:
    size = margin("size", is_ordinal=True, one=50, few=50, some=25, many=25)
    weights = raked(size, size=values(one=10, few=16, some=10, many=4))
    assert weights.groups == {"size": ("one", "few", "some + many")}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9), st.booleans())
def test_collapsing_keeps_every_level_once_and_leaves_no_small_group(
    counts: list[int], ordinal: bool
) -> None:
    groups = collapsed_groups(counts, ordinal)
    assert sorted(place for group in groups for place in group) == list(range(len(counts)))
    assert len(groups) == 1 or all(sum(counts[place] for place in group) >= 5 for group in groups)
    if ordinal:
        assert [place for group in groups for place in group] == list(range(len(counts)))


def test_an_invited_level_without_respondents_is_refused() -> None:
    refusal = refused(
        margin("role", owner=90, implementer=50, funder=10), role=values(owner=20, implementer=20)
    )
    assert refusal.reason is RefusalReason.LEVEL_WITHOUT_RESPONDENTS
    assert "funder" in refusal.detail


def test_respondents_of_a_level_that_nobody_invited_are_refused() -> None:
    refusal = refused(ROLE, role=values(owner=20, implementer=19, funder=1))
    assert refusal.reason is RefusalReason.LEVEL_NOT_IN_FRAME


def test_weights_that_few_people_carry_are_refused() -> None:
    refusal = refused(margin("role", owner=140, implementer=10), role=values(owner=6, implementer=34))
    assert refusal.reason is RefusalReason.WEIGHTS_TOO_UNEQUAL
    assert f"limit {MAX_WEIGHT_RATIO:g}" in refusal.detail
    assert f"limit {MAX_DESIGN_EFFECT:g}" in refusal.detail


def test_margins_that_cannot_hold_together_are_refused() -> None:
    # All owners are small teams and all implementers large, but the invited are not.
    refusal = refused(
        ROLE,
        margin("size", small=50, large=100),
        role=values(owner=20, implementer=20),
        size=values(small=20, large=20),
    )
    assert refusal.reason is RefusalReason.NOT_CONVERGED


def test_more_answers_or_larger_margins_than_invitations_are_refused() -> None:
    role = values(owner=20, implementer=20)
    assert refused(ROLE, population=39, role=role).reason is RefusalReason.MORE_ANSWERS_THAN_INVITED
    assert refused(ROLE, population=149, role=role).reason is RefusalReason.MARGIN_EXCEEDS_FRAME
    assert refused(ROLE, role=[]).reason is RefusalReason.NO_RESPONDENTS


def test_without_a_usable_margin_there_are_no_weights() -> None:
    refusal = refused(ROLE, role=values(owner=6, implementer=2))
    assert refusal.reason is RefusalReason.NO_USABLE_MARGIN
    assert rake([], {}, 150) == WeightsRefused(RefusalReason.NO_USABLE_MARGIN, "no margin is known")


def test_respondents_whose_value_is_not_known_weigh_the_mean_in_that_margin() -> None:
    role = [*values(owner=18, implementer=20), None, "unknown"]
    weights = raked(ROLE, role=role)
    assert weights.weights[-2:] == pytest.approx([150 / 40, 150 / 40])
    assert weight_of(weights, role, "owner") / weight_of(weights, role, "implementer") == pytest.approx(
        90 / 60
    )


def test_invited_of_unknown_value_are_taken_to_be_like_the_others() -> None:
    role = values(owner=20, implementer=20)
    weights = raked(margin("role", owner=84, implementer=56, unknown=10), role=role)
    assert weight_of(weights, role, "owner") == pytest.approx(90)


def test_an_attribute_that_too_many_lack_is_left_out_and_named() -> None:
    role = [*values(owner=18, implementer=17), *[None] * 5]
    size = values(small=20, large=20)
    weights = raked(ROLE, margin("size", small=100, large=50), role=role, size=size)
    assert list(weights.groups) == ["size"]
    assert weights.left_out == {"role": "not known of too many"}


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(40)))
def test_the_order_of_respondents_changes_no_weight(order: list[int]) -> None:
    role, size = values(owner=22, implementer=18), [*values(small=14, large=8), *values(small=6, large=12)]
    margins = (ROLE, margin("size", small=90, large=60))
    expected = raked(*margins, role=role, size=size).weights
    found = raked(*margins, role=[role[i] for i in order], size=[size[i] for i in order]).weights
    assert found == pytest.approx(expected[np.asarray(order)])
