"""Which segments are merged, and which options a table of segments shows one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.disclosure.collapsing import KEPT_OPTIONS, collapse_options, kept_options
from dpg_warehouse.disclosure.merging import merge_segments, merged_value
from tests.unit.disclosure.random_tables import answers_of

SIZES = ("one", "two_to_five", "six_to_ten", "eleven_to_fifty", "more_than_fifty")
BASES = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 25))


def test_an_ordinal_segment_joins_its_smaller_neighbour() -> None:
    bases = dict(zip(SIZES, (11, 18, 8, 4, 2), strict=True))
    merged = merge_segments(SIZES, bases, 10, is_ordinal=True)
    assert merged == (("one",), ("two_to_five",), ("six_to_ten", "eleven_to_fifty", "more_than_fifty"))
    assert merged_value(merged[2]) == "six_to_ten_or_eleven_to_fifty_or_more_than_fifty"


def test_small_nominal_segments_become_one() -> None:
    bases = {"software": 27, "data": 6, "ai_model": 4, "standard": 2, "content": 11}
    merged = merge_segments(tuple(bases), bases, 10, is_ordinal=False)
    assert merged == (("software",), ("content",), ("data", "ai_model", "standard"))


def test_a_single_small_nominal_segment_takes_the_next_one_in() -> None:
    merged = merge_segments(("a", "b", "c"), {"a": 20, "b": 12, "c": 3}, 10, is_ordinal=False)
    assert merged == (("a",), ("b", "c"))


def test_a_value_that_nobody_has_is_left_out() -> None:
    assert merge_segments(("a", "b", "c"), {"a": 20, "b": 0, "c": 13}, 10, is_ordinal=False) == (
        ("a",),
        ("c",),
    )


def test_what_was_merged_stays_merged() -> None:
    bases = {"a": 20, "b": 20, "c": 20}
    assert merge_segments(("a", "b", "c"), bases, 10, False, (("a", "b"), ("c",))) == (("a", "b"), ("c",))


@given(BASES, st.integers(1, 12), st.booleans())
def test_merging_loses_nobody_and_reaches_the_base(
    bases: dict[str, int], min_base: int, is_ordinal: bool
) -> None:
    groups = merge_segments(sorted(bases), bases, min_base, is_ordinal)
    parts = [value for group in groups for value in group]
    assert len(parts) == len(set(parts))
    if sum(bases.values()) < min_base:
        assert groups == ()
    else:
        assert set(parts) == {value for value, base in bases.items() if base}
        assert all(sum(bases[value] for value in group) >= min_base for group in groups)


@given(BASES, st.integers(1, 12))
def test_ordinal_segments_stay_in_their_order(bases: dict[str, int], min_base: int) -> None:
    groups = merge_segments(sorted(bases), bases, min_base, is_ordinal=True)
    parts = [value for group in groups for value in group]
    assert parts == sorted(parts)


@pytest.mark.parametrize(("option_count", "shown"), [(3, 3), (4, 4), (5, 4), (7, 4)])
def test_four_options_are_all_shown_and_more_are_collapsed(option_count: int, shown: int) -> None:
    question = answers_of("single", [[n] for n in range(option_count)] * 5, option_count)
    collapsed = collapse_options(question, kept_options(question))
    assert len(collapsed.chosen) == shown
    assert KEPT_OPTIONS + 1 == 4


def test_the_most_named_are_kept_under_every_measure_and_ties_go_by_sort() -> None:
    rankings = [[0, 4], [1, 4], [2, 4], [4, 1], [3, 2]]
    question = answers_of("rank", rankings, 6)
    assert kept_options(question) == ("option_1", "option_2", "option_4")
    assert kept_options(question, previous=("option_5", "option_0")) == ("option_0", "option_5")


def test_all_other_counts_a_respondent_once() -> None:
    question = answers_of("multiple", [[0, 1, 2], [0, 1, 2, 3, 4], [0, 1, 2, 4], [1]], 5)
    collapsed = collapse_options(question, kept_options(question))
    counts = {column.option_id: collapsed.count(column) for column in collapsed.columns}
    assert counts == {"option_0": 3, "option_1": 4, "option_2": 3, "all_other": 2}
