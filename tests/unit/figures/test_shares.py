"""What a wave shows: every option of all respondents, segments under their rules, weights as a check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.ranking import add_ranks, add_segment_tests
from dpg_warehouse.figures.shares import SharesOfWave, release_shares
from dpg_warehouse.figures.tables import Row
from dpg_warehouse.figures.weighting import add_weighted_shares
from tests.unit.figures.waves import made_up_wave

RULES = Rules(10, 3)
ROLES = ["owner"] * 20 + ["implementer"] * 20
# Of 20 owners 12 say yes, of 20 implementers 7: no cell is small.
ANSWERS = ["yes"] * 12 + ["no"] * 8 + ["yes"] * 7 + ["no"] * 13
# Of 20 implementers one says yes.
LONELY = ["yes"] * 12 + ["no"] * 8 + ["yes"] + ["no"] * 19


def rows_of(shares: SharesOfWave, kind: str) -> dict[tuple[str, str], Row]:
    return {
        (row["segment_value"], row["option_id"]): row for row in shares.rows if row["segment_kind"] == kind
    }


def test_all_options_of_all_respondents_are_shown_and_segments_with_enough_answers() -> None:
    wave = made_up_wave({"q": ANSWERS}, segments={"role": ROLES})
    shares = release_shares(wave, RULES, {})
    assert rows_of(shares, "all")["all", "yes"]["chosen_count"] == 19
    assert rows_of(shares, "role")["owner", "yes"]["chosen_count"] == 12
    assert {row["cell_status"] for row in shares.rows} == {"published"}


def test_a_segment_is_compared_with_its_own_invited_list() -> None:
    invited = {"role": {"owner": 90, "implementer": 60}}
    wave = made_up_wave({"q": ANSWERS}, segments={"role": ROLES}, invited=invited)
    role = rows_of(release_shares(wave, RULES, {}), "role")
    assert (role["owner", "yes"]["population_count"], role["implementer", "no"]["population_count"]) == (
        90,
        60,
    )


def test_a_small_cell_shows_no_count() -> None:
    wave = made_up_wave({"q": LONELY}, segments={"role": ROLES})
    cell = rows_of(release_shares(wave, RULES, {}), "role").get(("implementer", "yes"))
    assert cell is None or cell["chosen_count"] is None


def test_options_are_united_for_all_respondents_and_never_for_segments() -> None:
    answers = ["money"] * 10 + ["model"] * 10 + ["demand"] * 20
    wave = made_up_wave(
        {"q": answers},
        segments={"role": ROLES},
        unions={"challenge_financing": frozenset({"money", "model"})},
    )
    shares = release_shares(wave, RULES, {})
    assert rows_of(shares, "all")["all", "challenge_financing"]["chosen_count"] == 20
    assert not any(option == "challenge_financing" for _, option in rows_of(shares, "role"))


def test_no_union_of_a_sensitive_question_is_shown() -> None:
    answers = ["money"] * 10 + ["model"] * 10 + ["demand"] * 20
    union = {"challenge_financing": frozenset({"money", "model"})}
    wave = made_up_wave({"q": answers}, unions=union, sensitive=frozenset({"q"}))
    cell = rows_of(release_shares(wave, RULES, {}), "all")["all", "challenge_financing"]
    assert (cell["cell_status"], cell["chosen_count"]) == ("too_few", None)


def test_a_question_is_not_split_by_itself() -> None:
    wave = made_up_wave({"role": ROLES}, segments={"role": ROLES})
    assert rows_of(release_shares(wave, RULES, {}), "role") == {}


def test_weighted_shares_stand_beside_and_in_whole_percents() -> None:
    invited = {"role": {"owner": 100, "implementer": 50}}
    wave = made_up_wave({"q": ANSWERS}, segments={"role": ROLES}, invited=invited)
    shares = release_shares(wave, RULES, {})
    assert add_weighted_shares(wave, shares) == "Weighted to role (implementer, owner)."
    cell = rows_of(shares, "all")["all", "yes"]
    assert cell["weighted_share"] == round((100 * 12 / 20 + 50 * 7 / 20) / 150, 2)


def test_one_margin_alone_gives_no_weighted_share_beside_a_withheld_cell() -> None:
    invited = {"role": {"owner": 100, "implementer": 50}}
    wave = made_up_wave({"q": LONELY}, segments={"role": ROLES}, invited=invited)
    shares = release_shares(wave, RULES, {})
    add_weighted_shares(wave, shares)
    assert rows_of(shares, "all")["all", "yes"].get("weighted_share") is None


def test_it_is_said_why_there_are_no_weights_and_which_margins_are_left_out() -> None:
    def note(**invited: dict[str, int]) -> str:
        segments = {"role": ROLES, "region": ["africa", "europe"] * 20}
        wave = made_up_wave({"q": ANSWERS}, segments=segments, invited=invited)
        return add_weighted_shares(wave, release_shares(wave, RULES, {}))

    role, region = {"owner": 100, "implementer": 50}, {"africa": 150}
    assert note() == "No weights: no margin of the invited list is known."
    assert note(role=role, region=region) == (
        "Weighted to role (implementer, owner). Left out: region (no row of frame.csv for europe)."
    )
    assert note(role={"owner": 148, "implementer": 2}) == (
        "No weights: weights too unequal (largest to smallest weight 74.0, limit 10)."
    )


def test_nothing_is_said_of_segments_whose_sizes_are_not_shown() -> None:
    invited = {"role": {"owner": 100, "implementer": 50}}
    few = [*ROLES[:5], *ROLES[-4:], *[None] * 31]
    wave = made_up_wave({"role": few, "q": ANSWERS}, segments={"role": few}, invited=invited)
    assert add_weighted_shares(wave, release_shares(wave, RULES, {})) == (
        "No weights: no margin of the invited list is known."
    )


def test_a_test_of_segments_stands_only_where_nothing_is_withheld() -> None:
    for answers, is_tested in ((ANSWERS, True), (LONELY, False)):
        wave = made_up_wave({"q": answers}, segments={"role": ROLES})
        shares = release_shares(wave, RULES, {})
        add_segment_tests(wave, shares)
        p_values = {row.get("segment_p_value") is not None for row in rows_of(shares, "role").values()}
        assert p_values == {is_tested}


def test_ranks_that_cannot_be_told_apart_overlap() -> None:
    wave = made_up_wave({"q": ["a"] * 26 + ["b"] * 7 + ["c"] * 7})
    shares = release_shares(wave, RULES, {})
    add_ranks(wave, shares)
    cells = rows_of(shares, "all")
    assert [(cells["all", o]["rank_low"], cells["all", o]["rank_high"]) for o in "abc"] == [
        (1, 1),
        (2, 3),
        (2, 3),
    ]


@pytest.mark.parametrize(("place_count", "is_shown"), [(None, True), (3, True), (2, False)])
def test_a_rank_of_two_places_withholds_the_whole_of_a_table_with_a_band(
    place_count: int | None, is_shown: bool
) -> None:
    """Nobody has a third place, so that the shown counts may leave none for those that are withheld."""
    cycle = [["a"] * 10 + ["b"] * 8 + ["c"] * 2, ["b"] * 10 + ["c"] * 8 + ["a"] * 2]
    answers = [*cycle[0], *cycle[1], *(["c"] * 10 + ["a"] * 8 + ["b"] * 2)]
    roles = [role for role in ("owner", "implementer", "other") for _ in range(20)]
    wave = made_up_wave({"q": answers}, segments={"role": roles})
    asked = replace(wave.questions[0], kind="rank", place_count=place_count)
    shares = release_shares(replace(wave, questions=(asked,)), RULES, {})
    statuses = {row["cell_status"] for row in shares.rows if row["segment_kind"] == "role"}
    assert statuses == ({"published", "banded"} if is_shown else {"too_few"})
    assert {row["cell_status"] for row in shares.rows if row["segment_kind"] == "all"} == {"published"}
