"""What estimation/ gives, against R's survey package and R's own tests, to 1e-6."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
import pytest
import svy
from numpy.typing import NDArray

from dpg_warehouse.estimation.change import benjamini_hochberg
from dpg_warehouse.estimation.differences import (
    Linked,
    Wave,
    independent_difference,
    linked_difference,
    overlapping_difference,
)
from dpg_warehouse.estimation.margins import FrameLevel, Margin
from dpg_warehouse.estimation.ranks import holm_rejects
from dpg_warehouse.estimation.segments import RESAMPLE_COUNT, SegmentMethod, single_choice_test
from dpg_warehouse.estimation.weighted import Cell, WeightedShare, weighted_shares
from dpg_warehouse.estimation.weights import WaveWeights, rake
from tests.golden.synthetic_waves import ANSWERED, FRAME, GOLDEN, INPUT, text

EXPECTED: Any = json.loads((GOLDEN / "survey_golden.json").read_text(encoding="utf-8"))
# The same counts stand in survey_golden.R.
MARGINS = {
    "earlier": {
        "role": {"owner": 65, "would_be_owner": 40, "implementer": 45},
        "team_size": {"one": 45, "two_to_five": 60, "six_or_more": 45},
        "region": {"africa": 55, "asia": 50, "europe": 45},
    },
    "later": {
        "role": {"owner": 70, "would_be_owner": 45, "implementer": 45},
        "team_size": {"one": 50, "two_to_five": 60, "six_or_more": 50},
        "region": {"africa": 60, "asia": 55, "europe": 45},
    },
}
KINDS = {"two": ("role", "team_size"), "three": ("role", "team_size", "region")}
CELLS = {
    "all_wants_experts": ("wants_experts", False),
    "all_wants_community": ("wants_community", False),
    "base_wants_experts": ("wants_experts", True),
}


def near(expected: Any) -> Any:
    """What differs from the expected by at most 1e-6."""
    return pytest.approx(expected, rel=0, abs=1e-6)


def answers(wave: str) -> pl.DataFrame:
    return pl.read_csv(INPUT).filter(pl.col("wave") == wave)


def flags(table: pl.DataFrame, name: str) -> NDArray[np.bool_]:
    return np.asarray(table[name] == 1, dtype=np.bool_)


def raked(wave: str, kinds: Iterable[str]) -> WaveWeights:
    table = answers(wave)
    margins = [
        Margin(kind, tuple(FrameLevel(value, count) for value, count in MARGINS[wave][kind].items()))
        for kind in kinds
    ]
    weights = rake(
        margins,
        {margin.segment_kind: table[margin.segment_kind].to_list() for margin in margins},
        FRAME[wave],
    )
    assert isinstance(weights, WaveWeights), weights
    return weights


def estimated(wave: str, weights: WaveWeights) -> dict[str, WeightedShare]:
    table = answers(wave)
    everybody = np.ones(table.height, dtype=np.bool_)
    cells = [
        Cell(flags(table, "in_base") if in_base else everybody, flags(table, column))
        for column, in_base in CELLS.values()
    ]
    shares = weighted_shares(weights, cells)
    return {name: share for name, share in zip(CELLS, shares, strict=True) if share}


def assert_close(found: WeightedShare, expected: dict[str, float]) -> None:
    for name, value in expected.items():
        assert getattr(found, name) == near(value), name


def test_the_committed_input_is_what_its_generator_writes() -> None:
    assert INPUT.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("wave", FRAME)
@pytest.mark.parametrize("kinds", KINDS)
def test_raked_weights_shares_and_calibrated_errors_agree_with_r(wave: str, kinds: str) -> None:
    expected = EXPECTED["raked"][wave][kinds]
    weights = raked(wave, KINDS[kinds])
    assert weights.weights == near(np.asarray(expected["weights"]))
    for name, share in estimated(wave, weights).items():
        assert_close(share, expected[name])


@pytest.mark.parametrize("population", ["finite", "infinite"])
@pytest.mark.parametrize("wave", FRAME)
def test_unweighted_shares_agree_with_r(wave: str, population: str) -> None:
    table = answers(wave).with_columns(
        frame_count=pl.lit(float(FRAME[wave])), weight=pl.lit(FRAME[wave] / ANSWERED[wave])
    )
    sample = svy.Sample(table, svy.Design(wgt="weight", pop_size={"finite": "frame_count"}.get(population)))
    for name, (column, in_base) in CELLS.items():
        found = sample.estimation.prop(column, where=svy.col("in_base") == 1 if in_base else None)
        assert isinstance(found, svy.Estimate)
        chosen = found.estimates[-1]
        expected = EXPECTED["unweighted"][wave][population][name]
        figures = (chosen.est, chosen.se, chosen.lci, chosen.uci)
        assert figures == near(tuple(expected.values())), name


def test_svy_leaves_the_raking_out_when_it_is_given_a_list_of_columns() -> None:
    # Why weighted.py makes a call a cell. If this fails, one call for all of them will do.
    weights = raked("earlier", KINDS["two"])
    sample = weights.sample.wrangling.mutate({"wants": answers("earlier")["wants_experts"]})
    alone = sample.estimation.mean("wants")
    listed = sample.estimation.mean(["wants"])
    assert isinstance(alone, svy.Estimate)
    assert isinstance(listed, list)
    assert listed[0].estimates[0].se == near(EXPECTED["fixed_weights"]["standard_error"])
    assert alone.estimates[0].se < 0.9 * listed[0].estimates[0].se


def test_the_error_knows_of_the_raking() -> None:
    share = estimated("earlier", raked("earlier", KINDS["two"]))["all_wants_experts"]
    fixed = EXPECTED["fixed_weights"]
    assert share.share == near(fixed["share"])
    assert share.standard_error < 0.9 * fixed["standard_error"]


@pytest.mark.parametrize("kinds", KINDS)
def test_differences_between_raked_waves_agree_with_r(kinds: str) -> None:
    earlier, later = (
        estimated(wave, raked(wave, KINDS[kinds]))["all_wants_experts"] for wave in ("earlier", "later")
    )
    expected = EXPECTED["difference_between_waves"][kinds]
    assert later.share - earlier.share == near(expected["difference"])
    error = np.hypot(earlier.standard_error, later.standard_error)
    assert error == near(expected["standard_error"])


def test_differences_between_domains_agree_with_r() -> None:
    weights = raked("earlier", ("team_size", "region"))
    table = answers("earlier")
    sample = weights.sample.wrangling.mutate({"role": table["role"], "wants": table["wants_experts"]})
    means = sample.estimation.mean("wants", by="role")
    assert isinstance(means, svy.Estimate)
    share = {str((estimate.by_level or ("",))[0]): estimate.est for estimate in means.estimates}
    sides = np.asarray([{"owner": 1, "implementer": -1}.get(role, 0) for role in share])
    expected = EXPECTED["difference_by_role"]["raked"]
    assert share["owner"] - share["implementer"] == near(expected["difference"])
    error = np.sqrt(sides @ means.covariance @ sides)
    assert error == near(expected["standard_error"])


@pytest.mark.parametrize("case", EXPECTED["independent"], ids=lambda case: str(case["counts"]))
def test_independent_differences_agree_with_r(case: dict[str, Any]) -> None:
    x1, n1, x2, n2 = case["counts"]
    found = independent_difference(Wave(x1, n1), Wave(x2, n2))
    assert (found.ci_low, found.ci_high) == near(tuple(case["interval"]))
    expects_few = min(x1 + x2, n1 + n2 - x1 - x2) * min(n1, n2) / (n1 + n2) < 1
    assert found.p_value == near(case["fisher" if expects_few else "p_value"])


def test_the_interval_that_newcombe_published_is_reproduced() -> None:
    found = independent_difference(Wave(48, 80), Wave(56, 70))  # Newcombe 1998, example (a), method 10
    assert (round(found.ci_low, 4), round(found.ci_high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize("case", EXPECTED["paired"], ids=lambda case: str(case["counts"]))
def test_linked_differences_agree_with_r(case: dict[str, Any]) -> None:
    found = linked_difference(Linked(*case["counts"]))
    assert (found.ci_low, found.ci_high) == near(tuple(case["interval"]))
    assert found.p_value == near(case["p_value"])


@pytest.mark.parametrize("case", EXPECTED["overlapping"], ids=lambda case: str(case["linked"]))
def test_overlapping_differences_agree_with_r(case: dict[str, Any]) -> None:
    x1, n1, x2, n2 = case["counts"]
    found = overlapping_difference(Wave(x1, n1), Wave(x2, n2), Linked(*case["linked"]))
    assert (found.ci_low, found.ci_high) == near(tuple(case["interval"]))
    assert found.p_value == near(case["p_value"])


def test_q_values_agree_with_r() -> None:
    case = EXPECTED["benjamini_hochberg"]
    assert benjamini_hochberg(case["p"]) == near(np.asarray(case["q"]))


def test_holm_rejects_what_r_adjusts_to_5_percent_or_less() -> None:
    case = EXPECTED["holm"]
    assert holm_rejects(np.asarray(case["p"])).tolist() == [p <= 0.05 for p in case["adjusted"]]


@pytest.mark.parametrize("case", EXPECTED["fisher_freeman_halton"], ids=lambda case: str(case["table"]))
def test_fisher_freeman_halton_agrees_with_r(case: dict[str, Any]) -> None:
    found = single_choice_test(np.asarray(case["table"]))
    expected, tolerance = case["p"], 1e-6
    if found.method is SegmentMethod.MONTE_CARLO:
        tolerance = 4 * np.sqrt(expected * (1 - expected) / RESAMPLE_COUNT)
    assert found.p_value == pytest.approx(expected, abs=tolerance)
