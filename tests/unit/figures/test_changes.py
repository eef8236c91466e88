"""Changes between two waves: tested where they may be, and saying why where not."""

from __future__ import annotations

import pytest

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.answers import WaveAnswers
from dpg_warehouse.figures.changes import QuestionPair, ShownWave, changes_of
from dpg_warehouse.figures.shares import release_shares
from dpg_warehouse.figures.tables import Row
from tests.unit.figures.waves import made_up_wave

RULES = Rules(10, 3)
NAMES = [f"p_{n}" for n in range(40)]


def shown(wave: WaveAnswers, is_held: bool = False) -> ShownWave:
    return ShownWave(release_shares(wave, RULES, {}).rows, None if is_held else wave)


def compare(
    earlier: ShownWave, later: ShownWave, comparison: str = "compared", common: dict[str, str] | None = None
) -> dict[tuple[str, str], Row]:
    pair = QuestionPair("made_up", "q", "1", "2", comparison, True, common or {})
    return {(row["compared"], row["option_id"]): row for row in changes_of(pair, earlier, later, RULES)}


def answers(**counts: int) -> list[str | None]:
    return [option for option, count in counts.items() for _ in range(count)]


def test_a_large_change_is_reported_and_a_small_one_cannot_be_told_from_chance() -> None:
    first, second = made_up_wave({"q": answers(a=30, b=10)}), made_up_wave({"q": answers(a=8, b=32)})
    rows = compare(shown(first), shown(second))
    assert (rows["waves", "a"]["change_status"], rows["waves", "b"]["change_status"]) == ("fall", "rise")
    assert rows["waves", "a"]["change_points"] == pytest.approx(-55)
    small = compare(shown(first), shown(made_up_wave({"q": answers(a=27, b=13)})))
    assert {row["change_status"] for row in small.values()} == {"not_detectable"}
    assert small["waves", "a"]["detectable_points"] > 7.5


def test_what_may_not_be_compared_says_so_and_shows_no_change() -> None:
    waves = [made_up_wave({"q": answers(a=30, b=10)}), made_up_wave({"q": answers(a=8, b=32)})]
    rows = compare(shown(waves[0]), shown(waves[1]), "not_compared")
    assert {row["change_status"] for row in rows.values()} == {"not_comparable"}
    assert all("change_points" not in row for row in rows.values())


def test_an_option_of_one_wave_alone_is_not_tested() -> None:
    rows = compare(
        shown(made_up_wave({"q": answers(a=20, b=20)})),
        shown(made_up_wave({"q": answers(a=20, b=10, c=10)})),
        "flagged",
    )
    assert rows["waves", "c"]["change_status"] == "not_tested"
    assert rows["waves", "a"]["family_size"] == 2


def test_changed_options_are_united_before_they_are_compared() -> None:
    rows = compare(
        shown(made_up_wave({"q": answers(a=20, b=10, d=10)})),
        shown(made_up_wave({"q": answers(a=20, b=8, c=12)})),
        "collapsed",
        {"a": "a", "b": "b", "d": "other_options", "c": "other_options"},
    )
    assert rows["waves", "other_options"]["change_points"] == pytest.approx(5)
    assert set(rows) == {("waves", "a"), ("waves", "b"), ("waves", "other_options")}


def test_those_who_answered_twice_are_accounted_for_and_have_rows_of_their_own() -> None:
    first = made_up_wave({"q": answers(a=20, b=20)}, links=NAMES)
    second = made_up_wave({"q": [*answers(a=14, b=6), *answers(a=6, b=14)]}, links=NAMES)
    rows = compare(shown(first), shown(second))
    assert rows["waves", "a"]["overlap_count"] == 40
    assert rows["waves", "a"]["change_method"] == "newcombe_partial_overlap"
    assert rows["linked_respondents", "a"]["change_method"] == "mcnemar_exact"


def test_few_who_answered_twice_are_not_shown_apart() -> None:
    links = [*NAMES[:5], *[f"q_{n}" for n in range(35)]]
    first = made_up_wave({"q": answers(a=20, b=20)}, links=NAMES)
    second = made_up_wave({"q": answers(a=20, b=20)}, links=links)
    rows = compare(shown(first), shown(second))
    assert not any(compared == "linked_respondents" for compared, _ in rows)
    assert "independence assumed" in rows["waves", "a"]["change_assumption"]


def test_nobody_in_both_waves_is_something_else_than_not_knowing() -> None:
    first = made_up_wave({"q": answers(a=20, b=20)}, links=NAMES)
    second = made_up_wave({"q": answers(a=20, b=20)}, links=[f"q_{n}" for n in range(40)])
    assert compare(shown(first), shown(second))["waves", "a"]["overlap_count"] == 0


def test_a_held_wave_is_compared_by_what_it_shows() -> None:
    before = shown(made_up_wave({"q": answers(a=30, b=10)}))
    after = made_up_wave({"q": answers(a=8, b=32)}, links=NAMES)
    rows = compare(before, shown(after, is_held=True))
    assert rows["waves", "a"]["change_status"] == "fall"
    assert rows["waves", "a"]["overlap_count"] is None


def test_one_small_cell_of_a_fourfold_table_withholds_the_overlap_of_the_whole_question() -> None:
    # a and b could be shown; c's two who changed could not, and follow from the others' rows.
    first = made_up_wave({"q": answers(a=20, b=16, c=4)}, links=NAMES)
    second = made_up_wave({"q": [*answers(a=14, b=6), *answers(a=6, b=10, c=4)]}, links=NAMES)
    rows = compare(shown(first), shown(second))
    assert {compared for compared, _ in rows} == {"waves"}
    assert {row["overlap_count"] for row in rows.values()} == {None}
    assert all("is not shown" in row["change_assumption"] for row in rows.values())


def test_unions_are_tested_with_their_options() -> None:
    unions = {"challenge_x": frozenset({"a", "b"})}
    waves = [made_up_wave({"q": answers(a=20, b=10, c=10)}, unions=unions) for _ in range(2)]
    rows = compare(shown(waves[0]), shown(waves[1]))
    assert rows["waves", "challenge_x"]["family_size"] == rows["waves", "a"]["family_size"] == 4


def test_options_of_one_wave_alone_leave_the_base_of_a_collapsed_comparison() -> None:
    rows = compare(
        shown(made_up_wave({"q": answers(a=20, b=20)})),
        shown(made_up_wave({"q": answers(a=15, b=15, c=10)})),
        "collapsed",
        {"a": "a", "b": "b"},
    )
    assert rows["waves", "a"]["change_points"] == 0
    assert "Of those who chose an option that both waves offered" in rows["waves", "a"]["change_assumption"]
