"""docs/methodology.md says what the code does: its worked example and its limits."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.stats import hypergeom  # type: ignore[import-untyped]

from dpg_warehouse.configuration import find_source
from dpg_warehouse.disclosure import Rules
from dpg_warehouse.estimation import margins, segments, weights
from dpg_warehouse.estimation.change import ChangeStatus, Pair, changes_of_family, detectable_points
from dpg_warehouse.estimation.differences import Wave
from dpg_warehouse.estimation.intervals import hypergeometric_limits, need_is_validated
from dpg_warehouse.estimation.ranks import rank_limits
from dpg_warehouse.estimation.scales import median_figure
from dpg_warehouse.figures.changes import QuestionPair, ShownWave, changes_of
from dpg_warehouse.figures.shares import release_shares
from dpg_warehouse.settings import PROJECT_ROOT
from tests.unit.figures.unchanged_waves import FIRST, SHAPES, wave_of

PAGE = (PROJECT_ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")
MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "survey"
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
    family_size = family_size_of("three of seven in their order")
    assert f"`family_size` is {family_size}" in PAGE
    same = Pair(Wave(10, 40), Wave(11, 44))
    change = changes_of_family([Pair(Wave(26, 40), Wave(20, 44)), *[same] * (family_size - 1)])[0]
    assert f"{points(change.points)} points, interval {points(change.ci_low_points)} to" in PAGE
    assert f"to {points(change.ci_high_points)}, p = {change.p_value:.3f}".replace("0.074", ".074") in PAGE
    assert f"q = {change.q_value:.2f}, " in PAGE
    assert f"`detectable_points` is {change.detectable_points:.0f}" in PAGE
    assert change.status is ChangeStatus.NOT_DETECTABLE


def family_size_of(shape_name: str) -> int:
    """How many tests of the question a build makes between two waves."""
    chance, shape = np.random.default_rng(1), SHAPES[shape_name]
    waves = [wave_of(shape, shape.draw(chance, count)) for count in (40, 44)]
    earlier, later = (ShownWave(release_shares(wave, Rules(10, 3), {}).rows, wave) for wave in waves)
    pair = QuestionPair("made_up", "q", "1", "2", "compared", True, {})
    (size,) = {row["family_size"] for row in changes_of(pair, earlier, later, Rules(10, 3))}
    assert isinstance(size, int)
    return size


def test_the_example_is_of_a_rank_of_three_places_as_the_sample_has() -> None:
    source = find_source([PROJECT_ROOT / "sources"], "dpg_owners_survey")
    asked = [question for question in source.questions if question.question_id == "first_challenges"]
    assert {(q.kind, source.place_count_of(q)) for q in asked} == {("rank", 3)}
    assert {len(source.options_of(q.wave_id, q.question_id)) for q in asked} == {7}


def test_the_exact_interval_holds_the_truth_as_often_as_the_page_says() -> None:
    limits = np.array([hypergeometric_limits(150, 40, chosen) for chosen in range(41)])
    held = [
        hypergeom.pmf(np.arange(41), 150, all_, 40)
        @ ((limits[:, 0] <= all_ / 150) & (all_ / 150 <= limits[:, 1]))
        for all_ in range(151)
    ]
    assert f"near 40 of 150 in {100 * min(held):.1f} to {100 * max(held):.0f} %" in PAGE


def test_a_majority_of_an_unknown_list_takes_as_many_as_the_page_says() -> None:
    assert "(27 of 40)" in PAGE
    assert [need_is_validated(None, 40, chosen) for chosen in (26, 27)] == [False, True]


def test_what_the_page_says_of_seven_options_follows_from_their_number() -> None:
    assert "at 5 % each would report something in nearly a third" in PAGE
    assert 0.3 <= 1 - 0.95**7 < 1 / 3
    assert "would hide five of the seven options of the headline question" in PAGE
    assert int(np.sum((FIRST * 40).round() <= 4)) == 5


def test_fixed_weights_would_overstate_the_error_by_as_much_as_the_page_says() -> None:
    golden = json.loads((PROJECT_ROOT / "tests/golden/survey_golden.json").read_text(encoding="utf-8"))
    raked = golden["raked"]["earlier"]["two"]["all_wants_experts"]["standard_error"]
    assert f"by {golden['fixed_weights']['standard_error'] / raked - 1:.0%}".replace("%", " %") in PAGE


def test_a_median_has_an_interval_from_as_many_answers_as_the_page_says() -> None:
    assert "none with fewer than six answers from a large population" in PAGE
    found = [median_figure(np.arange(float(count)), None).ci_low for count in (5, 6)]
    assert [low is None for low in found] == [True, False]


def test_the_limits_of_what_is_shown_are_those_of_the_rules() -> None:
    rules = Rules()
    assert f"`DPGW_MIN_BASE` ({rules.min_base})" in PAGE
    assert f"`DPGW_MIN_CELL` ({rules.min_cell})" in PAGE


def models() -> list[dict[str, Any]]:
    """The marts of shares and of other figures, as their YAML describes them."""
    files = [MARTS / "_survey__trends.yml", MARTS / "_survey__changes.yml"]
    return [m for file in files for m in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]


def test_every_column_that_is_no_name_is_explained() -> None:
    """Ids, labels and places in an order say themselves what they are."""
    names = re.compile(r".*_(id|label|sort|title|number)$|measure|theme_label|wave_(opened|closed)_on|kind")
    columns = dict.fromkeys(column["name"] for model in models() for column in model["columns"])
    assert [name for name in columns if not names.fullmatch(name) and f"`{name}`" not in PAGE] == []


def test_every_mart_of_shares_and_figures_is_explained() -> None:
    assert [model["name"] for model in models() if f"`{model['name']}`" not in PAGE] == []


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
        f"{detectable_points(40, 40, 14):.0f} among fourteen",
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
