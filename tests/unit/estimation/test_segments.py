"""Do answers differ between segments: exact where it can be, the same on repeat, and rarely wrong."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import fisher_exact, random_table  # type: ignore[import-untyped]

from dpg_warehouse.estimation import segments
from dpg_warehouse.estimation.segments import (
    SegmentMethod,
    SegmentTest,
    multiple_choice_test,
    single_choice_test,
)


def test_two_by_two_is_fishers_exact_test() -> None:
    table = np.array([[8, 2], [1, 5]])
    found = single_choice_test(table)
    assert found.method is SegmentMethod.EXACT
    assert found.p_value == pytest.approx(fisher_exact(table)[1])


def test_drawn_tables_agree_with_going_through_all(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[5, 1, 0], [2, 3, 1], [0, 2, 6]])
    exact = single_choice_test(table)
    monkeypatch.setattr(segments, "MAX_TABLES", 0)
    drawn = single_choice_test(table)
    assert (exact.method, drawn.method) == (SegmentMethod.EXACT, SegmentMethod.MONTE_CARLO)
    assert exact.p_value is not None
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.002)


def test_a_large_table_is_drawn_and_the_same_on_repeat() -> None:
    table = np.array([[15, 2, 2, 0, 0, 0, 0], [6, 2, 1, 1, 0, 0, 0], [5, 2, 1, 0, 1, 1, 1]])
    found = single_choice_test(table)
    assert found.method is SegmentMethod.MONTE_CARLO
    assert found == single_choice_test(table)


@pytest.mark.parametrize("table", [[[3, 4]], [[3, 0], [5, 0]], [[3, 4], [0, 0]], [[0, 0], [0, 0]]])
def test_where_nothing_can_vary_there_is_no_test(table: list[list[int]]) -> None:
    assert single_choice_test(np.array(table)) == SegmentTest(None, None)


def test_the_margins_tables_are_counted_before_any_is_gone_through() -> None:
    # 2 x 2 with rows 3, 3 and columns 3, 3: four tables; p of the extreme ones 2 / 20.
    assert segments._table_count((3, 3), (3, 3)) == 4
    assert single_choice_test(np.array([[3, 0], [0, 3]])).p_value == pytest.approx(0.1)


def test_random_tables_are_called_different_in_at_most_5_of_100() -> None:
    margins = random_table([9, 7, 6], [10, 7, 5])
    tables = margins.rvs(400, random_state=np.random.default_rng(20220322))
    p_values = np.array([single_choice_test(table).p_value for table in tables])
    # Its level is held exactly; 400 tables may miss it by chance.
    assert np.mean(p_values <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


def test_several_choices_that_go_with_the_segment_are_found() -> None:
    roles = np.repeat([0, 1], 20)
    choices = np.column_stack([roles == 0, np.arange(40) % 2 == 0])
    found = multiple_choice_test(roles, choices)
    assert found.method is SegmentMethod.PERMUTATION
    assert found.p_value == pytest.approx(1 / (1 + segments.RESAMPLE_COUNT), abs=0.001)
    assert found == multiple_choice_test(roles, choices)


def test_one_option_of_two_segments_is_fishers_test_in_other_words() -> None:
    roles = np.repeat([0, 1], [10, 6])
    chose = np.repeat([True, False, True, False], [8, 2, 1, 5])
    expected = fisher_exact([[8, 2], [1, 5]])[1]
    found = multiple_choice_test(roles, chose[:, None])
    assert found.p_value == pytest.approx(expected, abs=0.01)


def test_several_choices_without_a_difference_are_called_different_in_at_most_5_of_100() -> None:
    generator = np.random.default_rng(20220322)
    roles = np.repeat([0, 1, 2], [19, 10, 11])
    found = [multiple_choice_test(roles, generator.random((40, 6)) < 0.4).p_value for _ in range(60)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)


@pytest.mark.parametrize("choices", [np.zeros((12, 3), bool), np.ones((12, 3), bool)])
def test_options_that_nobody_or_everybody_chose_tell_nothing(choices: NDArray[np.bool_]) -> None:
    assert multiple_choice_test(np.arange(12) % 2, choices) == SegmentTest(None, None)
    assert multiple_choice_test(np.zeros(12, dtype=np.int64), choices) == SegmentTest(None, None)
