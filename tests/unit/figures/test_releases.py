"""A closed wave changes for readers in steps of at least three respondents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.figures.releases import FormerRelease, count_changed, is_to_be_held
from tests.unit.figures.waves import wave_of

DIGESTS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y"]))


def former(digests: dict[str, str], forgotten: int = 0) -> FormerRelease:
    return FormerRelease(1, len(digests) + forgotten, digests, {})


def test_a_wave_that_was_never_released_is_released() -> None:
    assert not is_to_be_held(wave_of({"a": "x"}), None)


def test_an_edit_and_an_addition_wait_for_a_third_change() -> None:
    before = {"a": "x", "b": "x", "c": "x"}
    assert is_to_be_held(wave_of(before | {"a": "y", "d": "x"}), former(before))
    assert not is_to_be_held(wave_of(before | {"a": "y", "b": "y", "d": "x"}), former(before))


def test_a_forgotten_respondent_counts_as_changed_although_no_digest_is_left() -> None:
    assert count_changed(wave_of({"a": "x"}), former({"a": "x"}, forgotten=2)) == 2


def test_what_has_not_changed_is_not_held() -> None:
    assert not is_to_be_held(wave_of({"a": "x"}), former({"a": "x"}))


@given(DIGESTS, DIGESTS)
def test_changes_are_those_who_came_went_or_answer_otherwise(
    now: dict[str, str], then: dict[str, str]
) -> None:
    expected = sum(now.get(respondent) != then.get(respondent) for respondent in now.keys() | then.keys())
    assert count_changed(wave_of(now), former(then)) == expected
