"""A held wave shows its former rows as far as today's rules and configuration let it."""

from __future__ import annotations

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.keeping import keep_what_may_be_shown
from dpg_warehouse.figures.shares import release_shares
from dpg_warehouse.figures.tables import Rows, no_rows
from tests.unit.figures.waves import made_up_wave

ANSWERS = {"q": ["yes"] * 12 + ["no"] * 8 + ["yes"] * 7 + ["no"] * 13}
ROLES = {"role": ["owner"] * 20 + ["helper"] * 20}
WAVE = made_up_wave(ANSWERS, segments=ROLES)
KEPT = no_rows() | {"released_shares": release_shares(WAVE, Rules(10, 3), {}).rows}


def statuses(rows: Rows, kind: str) -> set[str]:
    return {row["cell_status"] for row in rows["released_shares"] if row["segment_kind"] == kind}


def test_the_same_rules_keep_all_rows() -> None:
    assert keep_what_may_be_shown(KEPT, WAVE, Rules(10, 3)) == (KEPT, [])


def test_a_question_made_sensitive_loses_its_segments_at_once() -> None:
    sensitive = made_up_wave(ANSWERS, segments=ROLES, sensitive=frozenset({"q"}))
    rows, _ = keep_what_may_be_shown(KEPT, sensitive, Rules(10, 3))
    assert (statuses(rows, "role"), statuses(rows, "all")) == ({"too_few"}, {"published"})
    hidden = [row for row in rows["released_shares"] if row["segment_kind"] == "role"]
    assert {(row["base_count"], row["chosen_count"]) for row in hidden} == {(None, None)}


def test_a_raised_base_reaches_kept_rows() -> None:
    rows, _ = keep_what_may_be_shown(KEPT, WAVE, Rules(25, 3))
    assert (statuses(rows, "role"), statuses(rows, "all")) == ({"too_few"}, {"published"})


def test_a_renamed_option_takes_its_question_out_and_says_so() -> None:
    renamed = made_up_wave({"q": ["aye" if a == "yes" else a for a in ANSWERS["q"]]}, segments=ROLES)
    rows, words = keep_what_may_be_shown(KEPT, renamed, Rules(10, 3))
    assert {row["option_id"] for row in rows["released_shares"]} == {"aye", "no"}
    assert statuses(rows, "all") == {"too_few"}
    assert words == ["q is left out: its options were renamed."]
