"""docs/methodology.md says what the code does: its worked example and its limits."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dpg_warehouse.estimation import margins, segments, weights
from dpg_warehouse.estimation.change import ChangeStatus, Pair, changes_of_family, detectable_points
from dpg_warehouse.estimation.differences import Wave
from dpg_warehouse.estimation.intervals import hypergeometric_limits, need_is_validated
from dpg_warehouse.estimation.ranks import rank_limits
from dpg_warehouse.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")
MINUS = "\N{MINUS SIGN}"


def points(value: float) -> str:
    return f"{value:+.1f}".replace("-", MINUS)


def test_the_worked_examples_share_is_what_the_code_gives() -> None:
    low, high = hypergeometric_limits(150, 40, 26)
    assert f"| {low:.3f}, {high:.3f} |".replace("0.", ".") in PAGE
    assert f"between {150 * low:.0f} and {150 * high:.0f} of the 150" in PAGE
    assert f"| {26 / 150:.3f}, {(26 + 110) / 150:.3f} |".replace("0.", ".") in PAGE
    limits = rank_limits(np.repeat(np.eye(7, dtype=np.bool_), [26, 6, 4, 1, 1, 1, 1], axis=0))
    assert (limits[0].rank_low, limits[0].rank_high, limits[1].rank_low, limits[1].rank_high) == (1, 1, 2, 7)
    assert need_is_validated(150, 40, 26)
    assert not need_is_validated(150, 40, 25)


def test_the_worked_examples_change_is_what_the_code_gives() -> None:
    same = Pair(Wave(10, 40), Wave(11, 44))
    change = changes_of_family([Pair(Wave(26, 40), Wave(20, 44)), *[same] * 6])[0]
    assert f"{points(change.points)} points, interval {points(change.ci_low_points)} to" in PAGE
    assert f"to {points(change.ci_high_points)}, p = {change.p_value:.3f}".replace("0.074", ".074") in PAGE
    assert f"q = {change.q_value:.2f}".replace("0.", ".") in PAGE
    assert f"`detectable_points` is {change.detectable_points:.0f}" in PAGE
    assert change.status is ChangeStatus.NOT_DETECTABLE


@pytest.mark.parametrize(
    "sentence",
    [
        f"fewer than {margins.MIN_LEVEL_COUNT} respondents is collapsed",
        f"more than {weights.MAX_UNKNOWN_SHARE:.0%} of the respondents".replace("%", " %"),
        f"largest weight above {weights.MAX_WEIGHT_TO_MEAN:g} times the mean",
        f"above {weights.MAX_WEIGHT_RATIO:g} times the smallest",
        f"design effect above {weights.MAX_DESIGN_EFFECT:g}",
        f"at most {segments.MAX_TABLES:,}",
        f"{segments.RESAMPLE_COUNT:,} seeded random",
        f"{detectable_points(40, 40, 1):.0f} points for one option",
        f"{detectable_points(40, 40, 7):.0f} among seven",
    ],
)
def test_the_page_names_the_limits_of_the_code(sentence: str) -> None:
    assert sentence in PAGE


def test_every_reference_is_cited_and_every_citation_is_listed() -> None:
    text, references = PAGE.split("## References")
    listed = re.findall(r"^- ([\w-]+).*?\((\d{4}[a-c]?)\)", references, flags=re.MULTILINE)
    assert len(listed) == references.count("\n- ")
    uncited = [(name, year) for name, year in listed if not re.search(rf"{name}.{{0,50}}?\b{year}\b", text)]
    assert uncited == []
    years = set(re.findall(r"\b(1[89]\d\d[a-c]?|20[01]\d[a-c]?|202[03-9])\b", text))
    assert years <= {year for _, year in listed}
