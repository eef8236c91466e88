"""Questions put to some alone tell nothing of the questions that decided who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dpg_warehouse.disclosure import PublishedCell, Rules, audit
from dpg_warehouse.figures.answers import Question, WaveAnswers
from dpg_warehouse.figures.ranking import add_segment_tests
from dpg_warehouse.figures.responses import count_responses
from dpg_warehouse.figures.shares import SharesOfWave, release_shares
from dpg_warehouse.figures.summaries import summarise
from dpg_warehouse.figures.tables import Row
from dpg_warehouse.figures.weighting import add_weighted_shares
from tests.unit.figures.waves import made_up_wave

RULES = Rules(10, 3)
ROLES = ["owner"] * 20 + ["implementer"] * 20
# Of 20 implementers one says no: the yes of both roles are hidden, for they add up to those of all.
FILTER = ["yes"] * 12 + ["no"] * 8 + ["yes"] * 19 + ["no"]
ASKED = [("a", "b")[n % 2] if answer == "yes" else None for n, answer in enumerate(FILTER)]
Conditions = Mapping[str, Sequence[tuple[str, str]]]
EVERYONE = frozenset({("q1", "first_choice"), ("q2", "first_choice")})
IF_YES = {"q2": {"q1": frozenset({"yes"})}}


def with_conditions(wave: WaveAnswers, conditions: Conditions) -> WaveAnswers:
    questions = (replace(q, conditions=tuple(conditions.get(q.question_id, ()))) for q in wave.questions)
    return replace(wave, questions=tuple(questions))


def cells_of(shares: SharesOfWave) -> list[PublishedCell]:
    keys = ("question_id", "segment_kind", "segment_value", "measure", "option_id", "cell_status")
    counts = ("base_count", "chosen_count", "share_band")
    return [PublishedCell(*(row[key] for key in keys + counts)) for row in shares.rows]


def shown(shares: SharesOfWave, question_id: str, kind: str) -> list[Row]:
    return [
        row
        for row in shares.rows
        if (row["question_id"], row["segment_kind"]) == (question_id, kind) and row["base_count"] is not None
    ]


def test_bases_do_not_tell_the_hidden_counts_of_a_filter() -> None:
    wave = made_up_wave({"q1": FILTER, "q2": ASKED}, segments={"role": ROLES})
    unknowing = release_shares(wave, RULES, {})
    assert {row["cell_status"] for row in shown(unknowing, "q1", "role")} >= {"banded"}
    assert {row["base_count"] for row in shown(unknowing, "q2", "role")} == {12, 19}
    found = audit(cells_of(unknowing), RULES, EVERYONE, conditions=IF_YES)
    assert ("tells_filter", "q2", "role") in {(f.problem, f.question_id, f.segment_kind) for f in found}
    shares = release_shares(with_conditions(wave, {"q2": [("q1", "yes")]}), RULES, {})
    assert shown(shares, "q2", "role") == []
    assert shown(shares, "q2", "all")
    assert audit(cells_of(shares), RULES, EVERYONE, conditions=IF_YES) == ()


def test_a_filter_that_hides_nothing_leaves_its_question_shown() -> None:
    answers = ["yes"] * 12 + ["no"] * 8 + ["yes"] * 13 + ["no"] * 7
    asked = [("a", "b")[n % 2] if answer == "yes" else None for n, answer in enumerate(answers)]
    wave = made_up_wave({"q1": answers, "q2": asked}, segments={"role": ROLES})
    shares = release_shares(with_conditions(wave, {"q2": [("q1", "yes")]}), RULES, {})
    assert {row["base_count"] for row in shown(shares, "q2", "role")} == {12, 13}
    assert audit(cells_of(shares), RULES, EVERYONE, conditions=IF_YES) == ()


def test_the_base_of_all_does_not_tell_a_hidden_count_of_a_sensitive_filter() -> None:
    answers = ["yes"] * 38 + ["no"] * 2
    asked = ["a"] * 19 + ["b"] * 19 + [None] * 2
    wave = made_up_wave({"q1": answers, "q2": asked}, sensitive=frozenset({"q1"}))
    shares = release_shares(with_conditions(wave, {"q2": [("q1", "yes")]}), RULES, {})
    assert shown(shares, "q2", "all") == []


def test_a_kind_of_segment_that_some_alone_were_asked_for_has_no_tables() -> None:
    product: list[str | None] = ["software"] * 10 + ["data"] * 10 + [None] * 20
    answers = ["yes"] * 6 + ["no"] * 4 + ["yes"] * 5 + ["no"] * 5 + ["yes", "no"] * 10
    wave = made_up_wave({"q": answers, "product": product}, segments={"role": ROLES, "product": product})
    open_shares = release_shares(wave, RULES, {})
    found = audit(cells_of(open_shares), RULES, nested_kinds=frozenset({"product"}))
    assert {f.segment_kind for f in found if f.problem == "not_for_segments"} == {"product"}
    shares = release_shares(with_conditions(wave, {"product": [("role", "owner")]}), RULES, {})
    assert shown(shares, "q", "product") == []
    assert shown(shares, "q", "role")


def test_a_question_put_to_one_segment_follows_the_rule_of_segments() -> None:
    asked: list[str | None] = ["a"] * 10 + ["b"] * 8 + ["c"] * 2 + [None] * 20
    wave = made_up_wave({"role": ROLES, "q": asked}, segments={"role": ROLES})
    shares = release_shares(with_conditions(wave, {"q": [("role", "owner")]}), RULES, {})
    banded = {row["option_id"] for row in shown(shares, "q", "all") if row["cell_status"] == "banded"}
    assert banded > {"c"}


def test_a_test_of_segments_is_of_the_options_that_are_shown() -> None:
    """Those that the table unites don't move the p-value, however they are split."""
    found = []
    some = ["a"] * 6 + ["b"] * 5 + ["c"] * 5
    for first, second in ((["d", "e"] * 2, ["d", "e"] * 2), (["d"] * 4, ["e"] * 4)):
        wave = made_up_wave({"q": some + first + some + second}, segments={"role": ROLES})
        shares = release_shares(wave, RULES, {})
        add_segment_tests(wave, shares)
        found.append({row.get("segment_p_value") for row in shown(shares, "q", "role")})
    assert found == [{1.0}, {1.0}]


def test_a_weighted_share_is_of_what_all_tables_show() -> None:
    regions = ["africa"] * 10 + ["asia"] * 10 + ["africa"] * 10 + ["asia"] * 10
    answers = ["yes"] * 9 + ["no"] + ["yes"] * 5 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 10
    invited = {"role": {"owner": 90, "implementer": 60}, "region": {"africa": 80, "asia": 70}}
    wave = made_up_wave({"q": answers}, segments={"role": ROLES, "region": regions}, invited=invited)
    shares = release_shares(wave, RULES, {})
    assert {row["cell_status"] for row in shown(shares, "q", "role")} == {"published"}
    assert "banded" in {row["cell_status"] for row in shown(shares, "q", "region")}
    add_weighted_shares(wave, shares)
    assert all(row.get("weighted_share") is None for row in shares.rows)


def summaries_of(values: list[float], kind: str, steps: list[float] | None) -> list[Row]:
    wave = made_up_wave({}, count=len(values))
    question = Question("q", kind, True, None, None, None if steps is None else np.array(steps))
    wave = replace(
        wave,
        questions=(question,),
        members={"q": np.ones(len(values), dtype=bool)},
        values={("q", None): np.array(values)},
    )
    return summarise(wave, RULES, SharesOfWave())


def test_a_sensitive_scale_has_no_mean_beside_a_small_step() -> None:
    assert summaries_of([1.0] * 10 + [2.0] * 9 + [3.0], "scale", [1.0, 2.0, 3.0]) == []
    assert summaries_of([1.0] * 10 + [2.0] * 6 + [3.0] * 4, "scale", [1.0, 2.0, 3.0])


def test_a_sensitive_number_has_a_whole_mean_alone() -> None:
    (row,) = summaries_of([3.0, 4.0, 6.0, 9.0] * 5, "number", None)
    assert (row["statistic"], row["value"], row["ci_low"], row["ci_high"]) == ("mean", 6.0, None, None)


def test_those_of_no_known_segment_are_a_group_of_who_broke_off() -> None:
    roles: list[str | None] = ["owner"] * 19 + ["implementer"] * 20 + [None]
    invited = {"role": {"owner": 90, "implementer": 60}}
    wave = made_up_wave({"q": ["yes"] * 40}, segments={"role": roles}, invited=invited)
    wave = replace(wave, complete=tuple(n % 2 == 0 for n in range(40)))
    parts = {row["partial_count"] for row in count_responses(wave, RULES) if row["segment_kind"] == "role"}
    assert parts == {None}
