"""The rows that are drafted for a wave, and how they come into the survey's files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dpg_warehouse.configuration import Question
from dpg_warehouse.configuration.questionnaire import Option
from dpg_warehouse.configuration.wave_files import Translation
from dpg_warehouse.crosswalk import Draft, draft_rows, form_of_content, write_draft
from dpg_warehouse.crosswalk.problems import LOOKED_AT
from dpg_warehouse.forms import Form, FormOption, FormQuestion
from dpg_warehouse.records import UsageError
from tests.unit.crosswalk.builders import (
    OPTIONS,
    QUESTIONS,
    SOURCE,
    asked,
    survey,
    two_waves_draft,
)

OUTLOOK = "How will your funding develop over the next year?"
STEPS = ("Don't know", "It will shrink", "It will stay as it is", "It will grow")


def draft_of(root: Path, *questions: FormQuestion, **form: Any) -> Draft:
    return draft_rows(survey(root), "w2", 2, Form(questions, **form))


def test_a_scale_keeps_its_direction_though_its_codes_run_the_other_way(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, asked(OUTLOOK, *STEPS))
    (row,) = draft.questions
    assert (row["question_id"], row["kind"], row["theme"], row["comparability"], row["match"]) == (
        "outlook",
        "scale",
        "financing",
        "identical",
        "w1",
    )
    assert [(o["code"], o["option_id"], o["scale_value"]) for o in draft.options] == [
        ("1", "dont_know", ""),
        ("2", "shrink", "1"),
        ("3", "stay", "2"),
        ("4", "grow", "3"),
    ]


def test_a_new_question_gets_an_id_that_no_other_has(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        asked("Where is your team (select one)?", "Africa", "Africa ", "\N{CJK UNIFIED IDEOGRAPH-4E2D}"),
        asked("Where is the team?", "Here"),
    )
    assert [(row["question_id"], row["match"], row["comparability"]) for row in draft.questions] == [
        ("team", "", ""),
        ("team_2", "", ""),
    ]
    assert [o["option_id"] for o in draft.options][:3] == ["africa", "africa_2", "unnamed"]


def test_ids_that_the_warehouse_gives_itself_are_left_alone(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, asked("Which?", "Top two", "Other options", "Challenge of money"))
    assert [o["option_id"] for o in draft.options] == [
        "the_top_two",
        "the_other_options",
        "the_challenge_money",
    ]


def test_challenges_come_with_the_options_that_are_matched(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        asked("What holds your product back?", "Finding money", "None of these", kind="multiple"),
    )
    assert draft.questions[0]["comparability"] == "options_changed"
    assert [(o["option_id"], o["challenge_id"], o["is_exclusive"]) for o in draft.options] == [
        ("money", "financing", ""),
        ("none", "", "yes"),
    ]


def test_a_drafted_rank_keeps_its_places_unless_its_fields_tell_them(tmp_path: Path) -> None:
    header, outlook, challenges = QUESTIONS.splitlines()
    rows = [f"{header},place_count", f"{outlook},", f"{challenges.replace('multiple', 'rank')},1"]
    source = survey(tmp_path, questions="\n".join(rows) + "\n")
    wording, options = "What holds your product back?", ("Finding money", "Finding people")
    for layout, place_count in (("space_separated", "1"), ("column_per_rank", "")):
        question = replace(asked(wording, *options, kind="rank", field="first|second"), layout=layout)
        (row,) = draft_rows(source, "w2", 2, Form((question,))).questions
        assert (row["question_id"], row["place_count"]) == ("challenges", place_count)


def test_rows_of_a_matrix_share_their_options(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        asked("Write code", "Never", "Often", field="a", part_of="How often do you?"),
        asked("Read code", "Never", "Often", field="b", part_of="How often do you?"),
    )
    assert [(row["question_id"], row["part_of"]) for row in draft.questions] == [
        ("write_code", "often"),
        ("read_code", "often"),
    ]
    assert [(o["question_id"], o["option_id"]) for o in draft.options] == [
        ("often", "never"),
        ("often", "often"),
    ]


def test_rows_of_a_matrix_with_unlike_lists_have_their_own_and_no_code_means_two_things(
    tmp_path: Path,
) -> None:
    draft = draft_of(
        tmp_path,
        asked("Write code", "Never", "Often", field="a", part_of="How often do you?"),
        asked("Sleep", "Often", "Well", field="b", part_of="How often do you?"),
    )
    assert [(o["question_id"], o["code"], o["option_id"]) for o in draft.options] == [
        ("write_code", "1", "never"),
        ("write_code", "2", "often"),
        ("sleep", "1", "often"),
        ("sleep", "2", "well"),
    ]


def test_simple_skip_logic_is_drafted_and_other_is_noted(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        asked("Do you need help?", "Yes", "No", field="help", name="help"),
        asked("Which help?", "Money", "Law", field="which", relevant="(${help} = '1')"),
        asked("How much?", field="much", kind="number", relevant="(${help} != '2')"),
    )
    assert [(row["shown_if"], row["note"]) for row in draft.questions] == [
        ("", ""),
        ("help = yes", ""),
        ("", "Shown if (${help} != '2')"),
    ]


def test_further_languages_become_translations(tmp_path: Path) -> None:
    option = FormOption("1", {"en": "Africa", "fr": "Afrique"})
    question = FormQuestion(
        "where",
        "value",
        "single",
        {"en": "Where?", "fr": "O\N{LATIN SMALL LETTER U WITH GRAVE} ?"},
        (option,),
    )
    draft = draft_of(tmp_path, question, languages=("en", "fr"))
    assert [(row["option_id"], row["language"], row["label"]) for row in draft.translations] == [
        ("", "fr", "O\N{LATIN SMALL LETTER U WITH GRAVE} ?"),
        ("africa", "fr", "Afrique"),
    ]
    for row in draft.translations:
        Translation.model_validate(row)


def test_a_draft_lies_beside_the_files_and_changes_none_of_them(tmp_path: Path) -> None:
    source, draft = two_waves_draft(tmp_path)
    before = {path.name: path.read_bytes() for path in source.folder.iterdir()}
    files = write_draft(source.folder, draft)
    assert [path.name for path in files] == [
        "draft_w2_questions.csv",
        "draft_w2_options.csv",
        "draft_w2_source.yml",
    ]
    assert before == {path.name: path.read_bytes() for path in source.folder.iterdir() if path not in files}
    assert yaml.safe_load(files[-1].read_text(encoding="utf-8")) == {
        "personal_data": {"drop": ["Your e-mail"]},
        "respondent_key": "ID",
        "ignore": ["Language"],
    }


def test_a_draft_is_never_overwritten(tmp_path: Path) -> None:
    source, draft = two_waves_draft(tmp_path)
    write_draft(source.folder, draft)
    with pytest.raises(UsageError, match="holds a draft of wave w2 already"):
        write_draft(source.folder, draft)


def form_row(kind: str, name: str, label: str = "", choices: str = "", **more: Any) -> dict[str, Any]:
    listed = {"select_from_list_name": choices} if choices else {}
    return {"type": kind, "name": name, "label": [label or None, None]} | listed | more


CONTENT: dict[str, Any] = {
    "translations": ["English (en)", "Espa\N{LATIN SMALL LETTER N WITH TILDE}ol (es)"],
    "survey": [
        form_row("start", "start"),
        form_row("select_one", "role", "Your role?", "roles"),
        form_row("begin_group", "owners", "Owners", relevant="${role} = 'o'"),
        form_row("select_multiple", "topics", "Topics?", "topics", _or_other=True),
        form_row("begin_repeat", "teams"),
        form_row("integer", "size", "How large?"),
        {"type": "end_repeat"},
        {"type": "end_group"},
        form_row("select_one", "first", "The greatest", "topics"),
        form_row("select_one", "second", "The second", "topics"),
        form_row("geopoint", "place", "Where?"),
        form_row("text", "reach", "Your e-mail address"),
        form_row("calculate", "sum"),
    ],
    "choices": [
        {"list_name": "roles", "name": "o", "label": ["Owner", None]},
        {"list_name": "roles", "name": "i", "label": ["Implementer", None]},
        {"list_name": "topics", "name": "m", "label": ["Money", "Dinero"]},
        {"list_name": "topics", "name": "m", "label": ["Coins", None]},
    ],
}


def test_a_form_gives_its_questions_with_groups_places_and_personal_fields() -> None:
    form = form_of_content(CONTENT)
    assert [(q.field, q.kind, q.layout) for q in form.questions] == [
        ("role", "single", "value"),
        ("topics", "multiple", "space_separated"),
        ("topics_other", "text", "value"),
        ("size", "number", "value"),
        ("first|second", "rank", "column_per_rank"),
    ]
    assert form.languages == ("en", "es")
    assert form.personal_fields == ("place", "reach")
    assert form.other_fields == {"sum": "a field of type calculate"}
    topics, size = form.questions[1], form.questions[3]
    assert topics.relevant == "(${role} = 'o')"
    assert "choice filter" in topics.note
    assert "repeat" in size.note


def test_rows_of_a_drafted_form_can_be_read(tmp_path: Path) -> None:
    draft = draft_rows(survey(tmp_path, source=SOURCE), "w2", 2, form_of_content(CONTENT))
    for row in draft.questions:
        Question.model_validate({name: text for name, text in row.items() if name not in LOOKED_AT})
    for row in draft.options:
        Option.model_validate({name: text for name, text in row.items() if name not in LOOKED_AT})
    assert draft.questions[1]["shown_if"] == "role = owner"


def test_a_list_of_persons_to_choose_from_is_personal() -> None:
    rows = [
        form_row("select_one", "enumerator", "Enumerator", "people"),
        form_row("select_one", "ok", "Fine?", "yn"),
    ]
    people = [{"list_name": "people", "name": "a", "label": ["Ada Example", None]}]
    yes = [{"list_name": "yn", "name": "y", "label": ["Yes", None]}]
    form = form_of_content(CONTENT | {"survey": rows, "choices": people + yes})
    assert form.personal_fields == ("enumerator",)
    assert [question.field for question in form.questions] == ["ok"]


MATRIX = """\
wave_id,question_id,field,layout,kind,theme,part_of,label,wording
w1,codes,a,value,scale,methods,habits,Codes,How often do you do the following? Write code
w1,reads,b,value,scale,methods,habits,Reads,How often do you do the following? Read code
"""
STEPS_OF_HABITS = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value
w1,habits,hardly,,1,Rarely,1,,1
w1,habits,at_times,,2,Sometimes,2,,2
w1,habits,much,,3,Often,3,,3
"""


def test_a_row_that_is_new_in_a_matrix_takes_its_id_and_options(tmp_path: Path) -> None:
    """The first row resembles nothing; the second one tells what the matrix was called and its steps."""
    source = survey(tmp_path, questions=MATRIX, options=STEPS_OF_HABITS)
    steps = ("Rarely", "Sometimes", "Often")
    habit = {"part_of": "How often do you do the following?"}
    rows = (asked("Ski", *steps, field="x", **habit), asked("Write code", *steps, field="y", **habit))
    draft = draft_rows(source, "w2", 2, Form(rows))
    assert [(row["question_id"], row["part_of"]) for row in draft.questions] == [
        ("ski", "habits"),
        ("codes", "habits"),
    ]
    assert [row["comparability"] for row in draft.questions] == ["", "identical"]
    assert [(o["question_id"], o["option_id"], o["scale_value"]) for o in draft.options] == [
        ("habits", "hardly", "1"),
        ("habits", "at_times", "2"),
        ("habits", "much", "3"),
    ]


def test_options_of_answers_alone_stand_as_the_earlier_wave_had_them(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, asked(OUTLOOK, "New", *STEPS, is_in_order=False))
    assert [(o["option_id"], o["sort"]) for o in draft.options] == [
        ("grow", "1"),
        ("stay", "2"),
        ("shrink", "3"),
        ("dont_know", "4"),
        ("new", "5"),
    ]


def test_options_keep_the_sort_of_the_earlier_wave_whatever_the_form_lists_first(tmp_path: Path) -> None:
    """One wave's sort would else put those of all waves in another order."""
    draft = draft_of(tmp_path, asked(OUTLOOK, "New", *STEPS))
    assert {o["option_id"]: o["sort"] for o in draft.options} == {
        "grow": "1",
        "stay": "2",
        "shrink": "3",
        "dont_know": "4",
        "new": "5",
    }


def test_a_scale_of_which_too_few_steps_are_known_says_so(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, asked(OUTLOOK, "It will grow", "Up", "Down"))
    assert draft.questions[0]["kind"] == "scale"
    assert draft.questions[0]["note"] == "A scale: give at least 3 options a scale_value."


def test_a_multiple_choice_of_which_nobody_joined_two_stays_one(tmp_path: Path) -> None:
    options = tuple(FormOption("", {"en": label}, label) for label in ("Finding money", "Finding people"))
    question = FormQuestion(
        "", "column_per_option", "single", {"en": "What holds your product back?"}, options
    )
    (row,) = draft_of(tmp_path, question).questions
    assert (row["kind"], row["comparability"]) == ("multiple", "identical")


def test_options_of_every_wave_are_not_drafted_again(tmp_path: Path) -> None:
    source = survey(tmp_path, options=OPTIONS.replace("w1,outlook", "*,outlook"))
    labels = ("It will grow", "It will stay as it is", "It will shrink", "Don't know", "Other")
    draft = draft_rows(source, "w2", 2, Form((asked(OUTLOOK, *labels),)))
    assert [option["option_id"] for option in draft.options] == ["other"]


LINKED = """\
wave_id,question_id,field,layout,kind,theme,segment_kind,asked_of,shown_if,base,crossed_with,label,wording
w1,role,role,value,single,respondent,role,all,,,,Role,Which of these describes you best?
w1,help,help,value,single,support_need,,owner,,,,Help,Do you want help from an expert?
w1,topics,topics,space_separated,multiple,support_need,,all,help = yes,shown,troubles,Topics,On which topics?
w1,troubles,troubles,space_separated,multiple,challenge,,all,,,,Troubles,What holds you back most of all?
"""
OPTIONS_OF_LINKED = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value
w1,role,owner,,1,Owner of a product,1,,
w1,role,implementer,,2,Implementer of a product,2,,
w1,help,yes,,1,Yes,1,,
w1,help,no,,2,No,2,,
w1,topics,money,,m,Finding money,1,,
w1,topics,people,,p,Finding people,2,,
w1,troubles,law,,l,The law,1,,
w1,troubles,time,,t,Want of time,2,,
"""
ROLE = asked(
    "Which of these describes you best?", "Owner of a product", "Implementer of a product", field="a"
)
HELP = asked("Do you want help from an expert?", "Yes", "No", field="b")
TROUBLES = asked("What holds you back most of all?", "The law", "Want of time", kind="multiple", field="d")
TOPICS = asked("On which topics?", "Finding money", "Finding people", kind="multiple", field="c")


def linked(root: Path, *questions: FormQuestion) -> dict[str, dict[str, str]]:
    source = survey(root, questions=LINKED, options=OPTIONS_OF_LINKED)
    draft = draft_rows(source, "w2", 2, Form(questions))
    return {row["question_id"]: row for row in draft.questions}


def test_what_a_question_hangs_on_comes_along_with_the_match(tmp_path: Path) -> None:
    rows = linked(tmp_path, ROLE, HELP, TOPICS, TROUBLES)
    assert rows["help"]["asked_of"] == "owner"
    topics = rows["topics"]
    assert (topics["shown_if"], topics["base"], topics["crossed_with"]) == ("help = yes", "shown", "troubles")
    assert {row["note"] for row in rows.values()} == {""}


def test_what_the_new_wave_lacks_is_left_out_with_a_note(tmp_path: Path) -> None:
    rows = linked(tmp_path, TOPICS, HELP)
    topics = rows["topics"]
    assert (topics["shown_if"], topics["base"], topics["crossed_with"]) == ("", "shown", "")
    assert "crossed_with troubles was left out" in topics["note"]
    assert "shown_if help = yes was left out" in topics["note"]  # help comes after it
    assert rows["help"]["asked_of"] == "all"
    assert "asked_of owner was left out" in rows["help"]["note"]


def test_a_crossing_that_the_new_kind_cannot_have_is_left_out(tmp_path: Path) -> None:
    rows = linked(tmp_path, ROLE, HELP, TOPICS, replace(TROUBLES, kind="single"))
    assert rows["topics"]["crossed_with"] == ""
    assert "crossed_with troubles was left out" in rows["topics"]["note"]


def test_a_base_that_the_new_kind_cannot_have_is_left_out(tmp_path: Path) -> None:
    rows = linked(tmp_path, replace(TOPICS, kind="single"))
    assert rows["topics"]["base"] == ""
    assert "base shown was left out" in rows["topics"]["note"]


def test_a_form_that_shows_a_question_to_all_outweighs_the_last_wave(tmp_path: Path) -> None:
    rows = linked(tmp_path, ROLE, HELP, replace(TOPICS, name="c"))
    assert rows["topics"]["shown_if"] == ""
    assert "this form shows it to all" in rows["topics"]["note"]
