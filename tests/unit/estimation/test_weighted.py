"""Weighted shares: of the right base, with an interval even where svy has none."""

from __future__ import annotations

import numpy as np
import pytest

from dpg_warehouse.estimation.intervals import wilson_limits
from dpg_warehouse.estimation.margins import FrameLevel, Margin
from dpg_warehouse.estimation.weighted import Bools, Cell, WeightedShare, weighted_shares
from dpg_warehouse.estimation.weights import WaveWeights, rake

ROLE = Margin("role", (FrameLevel("owner", 90), FrameLevel("implementer", 60)))
OWNERS = np.arange(40) < 10
EVERYBODY = np.ones(40, dtype=np.bool_)


@pytest.fixture(scope="module")
def weights() -> WaveWeights:
    found = rake([ROLE], {"role": ["owner" if owner else "implementer" for owner in OWNERS]}, 150)
    assert isinstance(found, WaveWeights)
    return found


def only(weights: WaveWeights, in_base: Bools, chose: Bools) -> WeightedShare:
    (share,) = weighted_shares(weights, [Cell(in_base, chose)])
    assert share is not None
    return share


def test_a_share_counts_everybody_by_weight(weights: WaveWeights) -> None:
    chose = np.isin(np.arange(40), [0, 1, 2, 20, 21])  # three owners of weight 9, two others of weight 2
    share = only(weights, EVERYBODY, chose)
    assert share.share == pytest.approx((3 * 9 + 2 * 2) / 150)
    assert share.n_eff == pytest.approx(150**2 / (10 * 81 + 30 * 4))
    assert share.ci_low < share.share < share.ci_high


def test_choices_outside_the_base_are_not_counted(weights: WaveWeights) -> None:
    in_base = np.arange(40) % 2 == 0
    chose = np.arange(40) < 12
    share = only(weights, in_base, chose)
    assert share.share == pytest.approx((5 * 9 + 1 * 2) / (5 * 9 + 15 * 2))


@pytest.mark.parametrize("everybody", [True, False])
def test_a_share_of_nobody_or_all_has_wilsons_interval_for_the_effective_base(
    weights: WaveWeights, everybody: bool
) -> None:
    share = only(weights, EVERYBODY, EVERYBODY if everybody else ~EVERYBODY)
    assert (share.ci_low, share.ci_high) == wilson_limits(float(everybody) * share.n_eff, share.n_eff)
    assert (share.ci_low, share.ci_high) != (share.share, share.share)


def test_a_share_that_the_margins_fix_is_known(weights: WaveWeights) -> None:
    share = only(weights, EVERYBODY, OWNERS)
    assert (share.ci_low, share.share, share.ci_high) == pytest.approx((0.6, 0.6, 0.6))


def test_an_empty_base_has_no_share_and_leaves_the_others_in_their_places(weights: WaveWeights) -> None:
    shares = weighted_shares(weights, [Cell(~EVERYBODY, EVERYBODY), Cell(EVERYBODY, OWNERS)])
    assert shares[0] is None
    assert shares[1] is not None
    assert weighted_shares(weights, []) == ()
