"""Who answered by what the invited list says, and one population for whatever is said of the list."""

from __future__ import annotations

from collections.abc import Sequence

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.answers import WaveAnswers
from dpg_warehouse.figures.responses import count_responses
from dpg_warehouse.figures.shares import release_shares
from dpg_warehouse.figures.weighting import add_weighted_shares
from tests.unit.figures.waves import made_up_wave

RULES = Rules(10, 3)
ANSWERS = ["yes"] * 12 + ["no"] * 8 + ["yes"] * 7 + ["no"] * 13
INVITED = {"role": {"owner": 100, "implementer": 50}}
INELIGIBLE = {"all": 6, "owner": 5, "implementer": 1}


def wave_of_roles(roles: Sequence[str | None]) -> WaveAnswers:
    return made_up_wave({"q": ANSWERS}, segments={"role": roles}, invited=INVITED, ineligible=INELIGIBLE)


def test_respondents_who_do_not_say_their_segment_have_a_row_without_a_list() -> None:
    wave = wave_of_roles(["owner"] * 16 + ["implementer"] * 20 + [None] * 4)
    rows = {(r["segment_kind"], r["segment_value"]): r for r in count_responses(wave, RULES)}
    assert (rows["role", "unknown"]["responded_count"], rows["role", "unknown"]["invited_count"]) == (4, None)
    of_role = [row["responded_count"] for (kind, _), row in rows.items() if kind == "role"]
    assert sum(of_role) == rows["all", "all"]["responded_count"] == 40


def test_the_ineligible_are_in_no_population() -> None:
    wave = wave_of_roles(["owner"] * 20 + ["implementer"] * 20)
    shares = release_shares(wave, RULES, {})
    populations = {row["segment_value"]: row["population_count"] for row in shares.rows}
    assert (populations["all"], populations["owner"], populations["implementer"]) == (144, 95, 49)
    assert add_weighted_shares(wave, shares).startswith("Weighted to role")
    assert all(row["weighted_share"] is not None for row in shares.rows if row["segment_kind"] == "all")
