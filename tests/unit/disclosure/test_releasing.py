"""What is decided about a question's tables, and that the attacker who knows the rules cannot undo it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dpg_warehouse.disclosure import (
    ALL_OTHER,
    Column,
    Finding,
    Pattern,
    PublishedCell,
    QuestionAnswers,
    Release,
    Rules,
    Segmentation,
    attack,
    audit,
    release_all,
    release_segments,
)
from dpg_warehouse.disclosure.patterns import Withheld
from tests.unit.disclosure.random_tables import RandomTable, answers, answers_of, tables

RULES = Rules(min_base=10, min_cell=3)
MANY = settings(max_examples=200, deadline=None)


def released(table: RandomTable, previous: Pattern | None = None) -> tuple[Release, Release]:
    """The tables of all and of segments, the second without the attacker's veto: the banding has to do."""
    everybody = release_all(table.answers, RULES)
    return everybody, release_segments(table.answers, table.segmentation, RULES, previous, trusting)


def trusting(*_: object) -> tuple[Finding, ...]:
    return ()


def everyone(question: QuestionAnswers) -> frozenset[tuple[str, str]]:
    return frozenset((question.question_id, measure) for measure in question.everyone_chose)


def telling(cells: Iterable[PublishedCell], table: RandomTable) -> list[PublishedCell]:
    """The cells with narrow bands that tell which counts are small: more than is published."""
    shown = {(c.segment_value, c.column): c for c in fully_counted(table)}
    return [replace(c, share_band=_telling_band(c, shown)) if c.share_band else c for c in cells]


def fully_counted(table: RandomTable) -> tuple[PublishedCell, ...]:
    """The same table without any cell withheld."""
    generous = Rules(RULES.min_base, 0)
    return release_segments(table.answers, table.segmentation, generous, audited_by=trusting).cells


def _telling_band(cell: PublishedCell, shown: dict[tuple[str, Column], PublishedCell]) -> str | None:
    count, base = shown[cell.segment_value, cell.column].chosen_count, cell.base_count
    assert count is not None
    assert base is not None
    if count < RULES.min_cell and cell.share_band == "at most 20 %":
        return f"at most {-(-200 // base)} %"
    if base - count < RULES.min_cell and cell.share_band == "at least 80 %":
        return f"at least {100 - -(-200 // base)} %"
    return cell.share_band


@MANY
@given(tables())
def test_each_withheld_cell_keeps_two_feasible_counts(table: RandomTable) -> None:
    everybody, segments = released(table)
    cells = (*everybody.cells, *segments.cells)
    assert audit(cells, RULES, everyone(table.answers)) == ()
    ranges = attack(cells, everyone(table.answers))
    banded = {(a.segment_value, a.column): a for a in ranges if a.segment_value and not a.is_told_by_all}
    for cell in segments.cells:
        if cell.cell_status == "banded":
            attacked = banded[cell.segment_value, cell.column]
            assert attacked.low < attacked.high, cell


@MANY
@given(tables())
def test_so_it_does_if_he_is_told_which_counts_are_small(table: RandomTable) -> None:
    everybody, segments = released(table)
    cells = (*everybody.cells, *telling(segments.cells, table))
    assert [
        cell for cell in attack(cells, everyone(table.answers)) if cell.is_recovered and cell.segment_value
    ] == []


@MANY
@given(tables())
def test_the_true_count_is_feasible(table: RandomTable) -> None:
    everybody, segments = released(table)
    true = {(c.segment_value, c.column): c.chosen_count for c in fully_counted(table)}
    for cell in attack((*everybody.cells, *segments.cells), everyone(table.answers)):
        if cell.segment_value and not cell.is_told_by_all:
            count = true[cell.segment_value, cell.column]
            assert count is not None
            assert cell.low <= count <= cell.high


@MANY
@given(answers(is_sensitive=True))
def test_each_small_count_of_a_sensitive_question_keeps_two_feasible_counts(
    question: QuestionAnswers,
) -> None:
    cells = release_all(question, RULES).cells
    assert audit(cells, RULES, everyone(question), frozenset({"question"})) == ()


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(0, 2**32 - 1))
def test_the_order_of_respondents_and_options_changes_nothing(table: RandomTable, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(table.answers.base))
    shuffled = replace(
        table.answers,
        base=table.answers.base[order],
        chosen={column: table.answers.chosen[column][order] for column in table.answers.columns[::-1]},
        option_sort=dict(sorted(table.answers.option_sort.items(), reverse=True)),
    )
    segmentation = replace(table.segmentation, codes=table.segmentation.codes[order])
    assert release_segments(shuffled, segmentation, RULES) == release_segments(*table, RULES)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(0, 2**32 - 1))
def test_the_attacker_reads_rows_in_any_order(table: RandomTable, seed: int) -> None:
    everybody, segments = released(table)
    cells = [*everybody.cells, *segments.cells]
    shuffled = [cells[n] for n in np.random.default_rng(seed).permutation(len(cells))]
    assert attack(shuffled, everyone(table.answers)) == attack(cells, everyone(table.answers))


@settings(max_examples=60, deadline=None)
@given(tables())
def test_merging_and_collapsing_preserve_totals(table: RandomTable) -> None:
    assume(not table.segmentation.rest_is_group)
    everybody = {c.column: c.chosen_count for c in release_all(table.answers, RULES).cells}
    cells = fully_counted(table)
    kept = {c.option_id for c in cells} - {ALL_OTHER}
    for column in {c.column for c in cells if c.cell_status == "published"}:
        total = sum(c.chosen_count or 0 for c in cells if c.column == column)
        parts = [
            count or 0
            for c, count in everybody.items()
            if c.measure == column.measure
            and (c == column or (column.option_id == ALL_OTHER and c.option_id not in kept))
        ]
        assert max(parts) <= total <= sum(parts)
        assert total == sum(parts) or column.option_id == ALL_OTHER
        assert total == sum(parts) or column.measure != "first_choice"
        assert sum(c.base_count or 0 for c in cells if c.column == column) == table.answers.base_count


@MANY
@given(tables(), st.integers(0, 2**32 - 1), st.integers(3, 8))
def test_a_later_release_keeps_what_was_withheld_merged_and_collapsed(
    table: RandomTable, seed: int, changed: int
) -> None:
    _, first = released(table)
    kept = np.random.default_rng(seed).permutation(len(table.answers.base))[changed:]
    fewer = RandomTable(
        replace(
            table.answers,
            base=table.answers.base[kept],
            chosen={column: mask[kept] for column, mask in table.answers.chosen.items()},
        ),
        replace(table.segmentation, codes=table.segmentation.codes[kept]),
    )
    everybody, second = released(fewer, first.pattern)
    assert audit((*everybody.cells, *second.cells), RULES, everyone(table.answers)) == ()
    assert second.pattern.is_too_few or not first.pattern.is_too_few
    if second.pattern.is_too_few:
        return
    assert second.pattern.kept_options == first.pattern.kept_options
    present = {part for group in second.pattern.groups for part in group}
    for group in first.pattern.groups:
        left = set(group) & present
        assert any(left <= set(later) for later in second.pattern.groups)
    published = {(c.segment_value, c.column) for c in second.cells if c.cell_status == "published"}
    for withheld in first.pattern.withheld:
        for group in second.pattern.groups:
            if set(withheld.parts) <= set(group):
                assert ("_or_".join(group), withheld.column) not in published


def test_a_cell_that_was_small_once_stays_withheld_and_its_band_as_wide() -> None:
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    small = answers_of("multiple", [[0]] * 2 + [[]] * 18 + [[0]] * 2 + [[]] * 18, 1)
    first = release_segments(small, segmentation, RULES)
    assert {c.share_band for c in first.cells} == {"at most 20 %", "at most 50 %"}
    larger = answers_of("multiple", [[0]] * 8 + [[]] * 12 + [[0]] * 8 + [[]] * 12, 1)
    assert {c.chosen_count for c in release_segments(larger, segmentation, RULES).cells} == {8}
    second = release_segments(larger, segmentation, RULES, first.pattern)
    assert [(c.cell_status, c.share_band) for c in second.cells] == [("banded", "at most 50 %")] * 2
    back = release_segments(small, segmentation, RULES, second.pattern)
    assert [(c.cell_status, c.share_band) for c in back.cells] == [("banded", "at most 50 %")] * 2


def test_a_cell_stays_withheld_after_a_release_in_which_its_option_said_nothing() -> None:
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    some = answers_of("multiple", [[0]] * 2 + [[]] * 18 + [[0]] * 9 + [[]] * 11, 1)
    nobody = answers_of("multiple", [[]] * 40, 1)
    many = answers_of("multiple", [[0]] * 8 + [[]] * 12 + [[0]] * 9 + [[]] * 11, 1)
    pattern = None
    for question, status in ((some, "banded"), (nobody, "too_few"), (many, "banded")):
        release = release_segments(question, segmentation, RULES, pattern)
        assert {cell.cell_status for cell in release.cells} == {status}
        pattern = release.pattern


def test_two_counts_just_below_the_limit_do_not_both_show_a_narrow_band() -> None:
    """A reader who takes both for small would find 2 and 2 in a total of 4."""
    question = answers_of("multiple", [[0]] * 2 + [[]] * 18 + [[0]] * 2 + [[]] * 18, 1)
    table = RandomTable(question, Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20)))
    everybody, segments = released(table)
    assert [c.is_recovered for c in attack((*everybody.cells, *telling(segments.cells, table)))] == [
        False
    ] * 2


def test_a_count_that_a_wider_measure_holds_down_is_not_taken_to_rise() -> None:
    """8 named option 0 among three and 8 at all: fewer among three elsewhere would make it 9 of 8."""
    held = [[1, 0]] * 8 + [[1]] * 12
    other = [[1, 0]] * 2 + [[1, 2, 3, 0]] * 3 + [[1]] * 15
    assert_safe_when_told(answers_of("rank", held + other, 4))


def test_a_count_without_which_somebody_chose_nothing_is_not_taken_to_fall() -> None:
    question = answers_of(
        "multiple_of_answered", [[0]] * 10 + [[1]] * 8 + [[2]] * 2 + [[0, 2]] * 6 + [[1]] * 14, 3
    )
    assert_safe_when_told(question)


def assert_safe_when_told(question: QuestionAnswers) -> None:
    """Two segments of twenty; the attacker is told which cells with narrow bands are small."""
    table = RandomTable(question, Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20)))
    everybody, segments = released(table)
    attacked = attack((*everybody.cells, *telling(segments.cells, table)), everyone(question))
    assert attacked
    assert not any(cell.is_recovered for cell in attacked)


def test_measures_that_hold_the_same_respondents_are_withheld_alike() -> None:
    """Nobody names more than three options, so `all other` among three is `all other` at all."""
    question = answers_of("rank", [[n % 5, (n + 1) % 5, (n + 2) % 5] for n in range(40)], 5)
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    first = release_segments(question, segmentation, RULES)
    assert first.pattern.withheld == ()
    one = Withheld(Column("any_mention", ALL_OTHER), ("a",), None)
    second = release_segments(question, segmentation, RULES, replace(first.pattern, withheld=(one,)))
    assert {w.column for w in second.pattern.withheld if w.parts == ("a",)} == {
        Column("any_mention", ALL_OTHER),
        Column("top3", ALL_OTHER),
    }


def test_a_pattern_survives_json() -> None:
    table = RandomTable(
        answers_of("single", [[0]] * 14 + [[1]] * 9 + [[2]] * 7, 3),
        Segmentation("kind", ("a", "b"), np.array([0] * 14 + [1] * 16)),
    )
    pattern = released(table)[1].pattern
    assert pattern.withheld
    assert Pattern.from_json(pattern.as_json()) == pattern


def test_a_table_that_the_attacker_undoes_is_not_shown() -> None:
    def finds_something(*_: object) -> tuple[Finding, ...]:
        return (Finding("recoverable", "question", "kind", "a", Column("first_choice", "option_0")),)

    question = answers_of("single", [[0], [1]] * 20, 2)
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    assert not release_segments(question, segmentation, RULES).pattern.is_too_few
    refused = release_segments(question, segmentation, RULES, audited_by=finds_something)
    assert refused.pattern.is_too_few
    assert {c.cell_status for c in refused.cells} == {"too_few"}
    sensitive = replace(question, is_sensitive=True)
    assert release_all(sensitive, RULES, audited_by=finds_something).pattern.is_too_few


def test_what_bands_alone_would_not_protect_is_not_shown() -> None:
    """A long search found it: nineteen answer alike, and everybody named one of the united options."""
    question = answers_of("rank", [[4, 1, 3, 0]] * 19 + [[2]], 6)
    codes = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0])
    table = RandomTable(question, Segmentation("kind", ("a", "b"), codes, False))
    everybody, segments = released(table)
    assert audit((*everybody.cells, *segments.cells), RULES, everyone(question)) != ()
    shown = release_segments(question, table.segmentation, RULES)
    assert {cell.cell_status for cell in shown.cells} == {"too_few"}


def test_all_respondents_have_every_count_at_the_smallest_base_and_none_below() -> None:
    question = answers_of("multiple_of_answered", [[0, 1]] * 9 + [[0]], 3)
    assert [c.chosen_count for c in release_all(question, RULES).cells] == [10, 9, 0]
    smaller = answers_of("multiple_of_answered", [[0, 1]] * 9, 3)
    assert {(c.cell_status, c.base_count, c.chosen_count) for c in release_all(smaller, RULES).cells} == {
        ("too_few", None, None)
    }


def test_a_sensitive_single_choice_bands_a_second_cell() -> None:
    question = answers_of("single", [[0]] * 20 + [[1]] * 12 + [[2]] * 2, 3, is_sensitive=True)
    cells = {c.option_id: c for c in release_all(question, RULES).cells}
    assert cells["option_0"].chosen_count == 20
    assert [cells[o].cell_status for o in ("option_1", "option_2")] == ["banded", "banded"]
    assert cells["option_2"].share_band == "at most 20 %"


def test_a_sensitive_question_and_one_that_makes_segments_have_none() -> None:
    question = answers_of("single", [[0], [1]] * 20, 2)
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    for without in (replace(question, is_sensitive=True), replace(question, is_attribute=True)):
        assert release_segments(without, segmentation, RULES).pattern.is_too_few


def test_a_column_without_a_withheld_cell_is_open() -> None:
    question = answers_of("multiple", [[0], [0, 1]] * 20, 2)
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    assert release_segments(question, segmentation, RULES).open_columns == (
        Column("any_mention", "option_1"),
    )


def test_respondents_of_unknown_segment_are_a_segment_of_that_name() -> None:
    question = answers_of("single", [[0], [1]] * 21, 2)
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20 + [-1] * 2), is_ordinal=True)
    cells = release_segments(question, segmentation, RULES).cells
    assert {(c.segment_value, c.base_count) for c in cells} == {("a", 20), ("b_or_unknown", 22)}


def test_an_option_that_nobody_or_everybody_chose_says_nothing_by_segment() -> None:
    question = answers_of("multiple", [[0, 1], [0]] * 20, 3)
    segmentation = Segmentation("kind", ("a", "b"), np.array([0] * 20 + [1] * 20))
    status = {c.option_id: c.cell_status for c in release_segments(question, segmentation, RULES).cells}
    assert status == {"option_0": "too_few", "option_1": "published", "option_2": "too_few"}


@pytest.mark.parametrize(("named", "is_shown"), [(9, False), (10, True), (30, True), (31, False)])
def test_who_named_a_challenge_and_who_did_not_both_need_the_base(named: int, is_shown: bool) -> None:
    question = answers_of("multiple", [[0], [1]] * 20, 2)
    codes = np.array([0] * named + [-1] * (40 - named))
    table = Segmentation("named_financing", ("named",), codes, rest_is_group=True)
    assert release_segments(question, table, RULES).pattern.is_too_few is not is_shown


def test_a_count_is_withheld_where_those_who_did_not_name_the_challenge_would_be_too_few() -> None:
    question = answers_of("multiple", [[0]] * 15 + [[]] * 5 + [[0]] * 2 + [[]] * 18, 1)
    table = Segmentation("named_financing", ("named",), np.array([0] * 20 + [-1] * 20), rest_is_group=True)
    release = release_segments(question, table, RULES)
    assert [(c.cell_status, c.chosen_count) for c in release.cells] == [("banded", None)]
    left = [c for c in attack((*release_all(question, RULES).cells, *release.cells)) if c.segment_value == ""]
    assert [c.low < c.high for c in left] == [True]
