"""Which earlier question and option a new wave's texts are taken for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.crosswalk.likeness import text_score
from dpg_warehouse.crosswalk.matching import comparability, earlier_questions, match_questions
from tests.unit.crosswalk.builders import OPTIONS, QUESTIONS, asked, survey

OUTLOOK = "How will your funding develop over the next year?"
STEPS = ("It will grow", "It will stay as it is", "It will shrink", "Don't know")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don't know", "Don\N{RIGHT SINGLE QUOTATION MARK}t know or not sure"),
        ("10+", "10 or more"),
        ("1,000 to 9,999", "1000-9999"),
        ("How large is it? (select one)", "How large is it?"),
    ],
)
def test_spellings_of_one_thing_are_the_same(one: str, other: str) -> None:
    assert text_score(one, other) == 100


def test_numbers_that_differ_are_not_the_same() -> None:
    assert text_score("2-4", "5-9") < 72


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_mutual_and_within_bounds(one: str, other: str) -> None:
    assert 0 <= text_score(one, other) <= 100
    assert text_score(one, other) == pytest.approx(text_score(other, one), abs=1)


@pytest.mark.parametrize(
    ("wording", "options", "grade"),
    [
        (OUTLOOK, STEPS, "identical"),
        ("Over the next year, how will funding of your product develop?", STEPS, "reworded"),
        (OUTLOOK, (*STEPS, "I would rather not say"), "options_changed"),
        (OUTLOOK, ("It will grow", "It will shrink"), "scale_changed"),
    ],
)
def test_grade_is_suggested_by_words_and_options(
    tmp_path: Path, wording: str, options: tuple[str, ...], grade: str
) -> None:
    questions = [asked("Where do you work?", "Africa", "Asia"), asked(wording, *options)]
    matches = match_questions(questions, earlier_questions(survey(tmp_path), 2))
    assert set(matches) == {1}
    assert matches[1].earlier.question.question_id == "outlook"
    assert comparability(questions[1], matches[1]) == grade


def test_another_kind_of_question_is_another_measure(tmp_path: Path) -> None:
    question = asked("What holds your product back?", "Finding money", "Finding people")
    (match,) = match_questions([question], earlier_questions(survey(tmp_path), 2)).values()
    assert comparability(question, match) == "broken"


def test_options_are_matched_by_their_words_and_not_by_their_codes(tmp_path: Path) -> None:
    """The codes run the other way in the new wave."""
    question = asked(OUTLOOK, *reversed(STEPS))
    (match,) = match_questions([question], earlier_questions(survey(tmp_path), 2)).values()
    assert [match.options[place][0].option_id for place in range(4)] == [
        "dont_know",
        "shrink",
        "stay",
        "grow",
    ]


def test_each_earlier_question_is_matched_once_and_with_its_best(tmp_path: Path) -> None:
    questions = [asked(OUTLOOK.replace("funding", "team"), *STEPS), asked(OUTLOOK, *STEPS)]
    matches = match_questions(questions, earlier_questions(survey(tmp_path), 2))
    assert set(matches) == {1}


def test_a_field_of_the_same_name_settles_it(tmp_path: Path) -> None:
    question = asked("Quelles difficultés ?", "Argent", kind="multiple", name="challenges")
    (match,) = match_questions([question], earlier_questions(survey(tmp_path), 2)).values()
    assert match.earlier.question.question_id == "challenges"


def test_earlier_questions_are_those_of_the_last_wave_that_asked(tmp_path: Path) -> None:
    again = "w2,outlook,o,value,single,financing,broken,Outlook,Something else\n"
    source = survey(tmp_path, questions=QUESTIONS + again, options=OPTIONS)
    assert [one.question.wave_id for one in earlier_questions(source, 3)] == ["w2", "w1"]
    assert [one.question.wave_id for one in earlier_questions(source, 2)] == ["w1", "w1"]
    assert earlier_questions(source, 1) == ()


def test_rows_of_a_matrix_are_told_apart_by_their_own_words(tmp_path: Path) -> None:
    """What all rows begin with, and the steps that they share, say nothing of which row is which."""
    questions = (
        "wave_id,question_id,field,layout,kind,theme,part_of,label,wording\n"
        "w1,writes,a,value,single,methods,habits,Writes,How often do you do the following? Write code\n"
        "w1,sleeps,b,value,single,methods,habits,Sleeps,How often do you do the following? Sleep\n"
    )
    options = "wave_id,question_id,option_id,code,label,sort\n" + "".join(
        f"w1,habits,o{n},{n},{label},{n}\n" for n, label in enumerate(("Never", "Rarely", "Often", "Daily"))
    )
    earlier = earlier_questions(survey(tmp_path, questions=questions, options=options), 2)
    steps = ("Never", "Rarely", "Often", "Daily")
    asked_now = [
        asked(row, *steps, part_of="How often do you do the following?") for row in ("Ski", "Write some code")
    ]
    matches = match_questions(asked_now, earlier)
    assert {place: match.earlier.question.question_id for place, match in matches.items()} == {1: "writes"}
