"""What gate 1 says of answers that a mart would misread, and of more answers than people invited."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.records import Load, LoadStatus
from dpg_warehouse.settings import Settings
from tests.pulls import ingest_answers, survey_settings

QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,label,wording
w1,order,,column_per_option,rank,challenge,Order,In which order?
w1,first,,column_per_option,single,challenge,First,Which is the first?
w1,listed,listed,space_separated,single,challenge,Listed,Which is it?
w1,topics,,column_per_option,multiple,challenge,Topics,Which topics?
"""
OPTIONS = """\
wave_id,question_id,option_id,field,code,label,sort
*,order,a,order_a,,A,1
*,order,b,order_b,,B,2
*,first,a,first_a,,A,1
*,first,b,first_b,x,B,2
*,listed,a,,a,A,1
*,listed,b,,b,B,2
*,topics,a,topics_a,,A,1
*,topics,b,topics_b,yes,B,2
"""
HEADER = "respondent,order_a,order_b,first_a,first_b,listed,topics_a,topics_b"
GOOD = ["r1,1,2,x,,a,A,yes", "r2,2,1,,x,b,,No", "r3,2,,,,,,"]


@pytest.fixture
def settings(warehouse: Settings, tmp_path: Path) -> Settings:
    """The made-up survey with questions in columns of their own, of four invited."""
    changed = survey_settings(warehouse, tmp_path, frame={"count": 4})
    tiny = tmp_path / "roots" / "tiny"
    (tiny / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    (tiny / "options.csv").write_text(OPTIONS, encoding="utf-8")
    return changed


def exclude(settings: Settings, *keys: str) -> None:
    rows = ["wave_id,record_key,action,field,expected,value,reason"]
    rows += [f"w1,{key},exclude,,,,Answered twice." for key in keys]
    tiny = find_source(settings.source_roots, "tiny").folder
    (tiny / "corrections.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def revalidated(settings: Settings, load: Load) -> Load:
    return pipeline.validate(settings, find_source(settings.source_roots, "tiny"), load)


def test_answers_in_columns_of_their_own_are_accepted(settings: Settings) -> None:
    """A cell that says no is not chosen, where the option says which cell is."""
    load = ingest_answers(settings, GOOD, HEADER)
    assert load.status is LoadStatus.ACCEPTED, load.reason


@pytest.mark.parametrize(
    ("row", "verdict", "hidden"),
    [
        ("r4,0,,,,,,", "places_are_places: order_a", "0"),
        ("r4,,second,,,,,", "places_are_places: order_b", "second"),
        ("r4,99999,,,,,,", "places_are_places: order_a", "99999"),
        ("r4,10,,,,,,", "places_are_asked_for: order_a = 10", None),
        ("r4,1,1,,,,,", "one_first_rank_each: r4 in order", None),
        ("r4,,,x,x,,,", "one_choice_each: r4 in first", None),
        ("r4,,,,,a  b,,", "one_choice_each: r4 in listed", None),
        ("r4,,,,,,0,", "no_is_not_a_yes: topics_a = 0", None),
        ("r4,,,,,,FALSE,", "no_is_not_a_yes: topics_a = FALSE", None),
        ("r4,,,n,,,,", "no_is_not_a_yes: first_a = n", None),
        ("r4,,,,,,,maybe", "every_code_mapped: topics_b = maybe", None),
    ],
)
def test_an_answer_that_would_be_misread_rejects_the_load(
    settings: Settings, row: str, verdict: str, hidden: str | None
) -> None:
    load = ingest_answers(settings, [*GOOD, row], HEADER)
    assert load.status is LoadStatus.REJECTED
    assert verdict in (load.reason or "")
    assert hidden is None or f"= {hidden}" not in (load.reason or "")


ONE_PLACE = """\
wave_id,question_id,field,layout,kind,theme,place_count,label,wording
w1,order,{field},{layout},rank,challenge,1,Order,Which comes first?
"""


@pytest.mark.parametrize(
    ("layout", "field", "options", "header", "good", "bad", "verdict"),
    [
        ("column_per_option", "", ",order_a,|,order_b,", "order_a,order_b", ",1", "1,2", "order_b = 2"),
        ("space_separated", "order", ",,a|,,b", "order", "b", "b a", "order = a"),
    ],
)
def test_a_place_beyond_the_declared_ones_rejects_the_load(
    settings: Settings, layout: str, field: str, options: str, header: str, good: str, bad: str, verdict: str
) -> None:
    tiny = find_source(settings.source_roots, "tiny").folder
    (tiny / "questions.csv").write_text(ONE_PLACE.format(field=field, layout=layout), encoding="utf-8")
    rows = [f"*,order,{name}{said},{name},1" for name, said in zip("ab", options.split("|"), strict=True)]
    (tiny / "options.csv").write_text("\n".join([OPTIONS.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    load = ingest_answers(settings, [f"r1,{good}"], f"respondent,{header}")
    assert load.status is LoadStatus.ACCEPTED, load.reason
    load = ingest_answers(settings, [f"r1,{good}", f"r2,{bad}"], f"respondent,{header}")
    assert load.status is LoadStatus.REJECTED
    assert f"places_are_asked_for: {verdict}" in (load.reason or "")


def test_a_cell_that_says_no_is_told_to_get_a_code(settings: Settings) -> None:
    load = ingest_answers(settings, [*GOOD, "r4,,,,,,no,"], HEADER)
    (rule,) = pipeline.why_refused(settings, load.load_id)["rules"]
    assert "give it the `code` that means chosen" in rule["description"]


def test_more_responses_than_invited_reject_the_load(settings: Settings) -> None:
    load = ingest_answers(settings, [*GOOD, "r4,1,,,,,,", "r5,1,,,,,,"], HEADER)
    assert load.status is LoadStatus.REJECTED
    assert "no_more_than_invited: 5 of 4" in (load.reason or "")


def test_an_excluded_response_is_judged_no_more(settings: Settings) -> None:
    load = ingest_answers(settings, [*GOOD, "r4,1,1,x,x,a b,,", "r5,1,,,,,,"], HEADER)
    assert load.status is LoadStatus.REJECTED
    exclude(settings, "r4")
    load = revalidated(settings, load)
    assert load.status is LoadStatus.ACCEPTED, load.reason
