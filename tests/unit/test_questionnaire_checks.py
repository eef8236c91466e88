"""What a survey's files may say of skip logic, matrices, codings, translations and the invited list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.configuration import (
    ConfigurationError,
    Source,
    join_ranked_fields,
    ranked_fields,
    read_sources,
)
from dpg_warehouse.configuration.conditions import Condition, read_conditions
from dpg_warehouse.configuration.themes import CHALLENGE_THEMES, KNOWN_THEMES, TOPICAL_THEMES
from dpg_warehouse.settings import PROJECT_ROOT

SOURCE = """\
source_id: tiny
kind: survey
title: A survey that a test made up
publisher: A test
licence: CC0-1.0
personal_data: {pseudonymise: [email]}
waves:
  - {wave_id: w1, number: 1, label: First, connector: delimited, location: w1.csv, opened_on: 2024-01-01,
     respondent_key: respondent, languages: [en, fr], frame: {count: 30}, link_field: email,
     changes: {mode: By telephone.}}
  - {wave_id: w2, number: 2, label: Second, connector: odk_central, connection: odk, location: "1/f",
     opened_on: 2025-01-01}
"""
QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,segment_kind,part_of,asked_of,shown_if,base,crossed_with,label,wording
w1,role,role,value,single,respondent,role,,all,,,,Role,Who are you?
w1,help,help,value,single,support_need,,,owner,,,,Help,Do you want help?
w1,topics,topics,space_separated,multiple,support_need,,,all,help = yes,,causes,Topics,With what?
w1,pool,pool,value,scale,offering_value,,value,all,,,,Pool,The pool?
w1,community,community,value,scale,offering_value,,value,all,,,,Community,The community?
w1,themes,comment,coded,multiple,comment,,,all,,,,Themes,Anything else?
w1,causes,causes,space_separated,multiple,challenge,,,all,,,,Causes,What holds you back?
w2,role,role,value,single,respondent,role,,all,,,,Role,Who are you?
"""
OPTIONS = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value,is_exclusive
*,role,owner,,1,Owner,1,,,
*,role,other,,2,Other,2,,,
w1,help,yes,,y,Yes,1,,,
w1,help,no,,n,No,2,,,
w1,topics,law,,law,Law,1,,,
w1,topics,none,,none,None of these,2,,,yes
w1,value,much,,3,Much,1,,3,
w1,value,some,,2,Some,2,,2,
w1,value,none,,1,None,3,,1,
w1,themes,money,,,Money,1,,,
w1,causes,time,,t,Time,1,,,
"""
FRAME = """\
wave_id,segment_kind,segment_value,invited_count,bounced_count,ineligible_count
w1,all,all,30,2,
w1,role,owner,20,,
w1,role,other,10,,
"""
TRANSLATIONS = """\
wave_id,question_id,option_id,language,label,wording
w1,role,,fr,Rôle,Qui êtes-vous ?
w1,value,much,fr,Beaucoup,
"""
CODINGS = "wave_id,question_id,record_key,option_id\nw1,themes,r1,money\n"


def read(root: Path, source: str = SOURCE, **files: str) -> Source:
    folder = root / "tiny"
    folder.mkdir()
    (folder / "source.yml").write_text(source, encoding="utf-8")
    given_files = {
        "questions": QUESTIONS,
        "options": OPTIONS,
        "frame": FRAME,
        "translations": TRANSLATIONS,
        "codings": CODINGS,
    }
    for name, text in (given_files | files).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_sources([root])["tiny"]


def rows_of(source: Source, file: str) -> list[dict[str, object]]:
    return [row for name, _, row in source.configuration_rows if name == file]


def test_a_questions_conditions_include_those_of_the_questions_it_stands_on(tmp_path: Path) -> None:
    rows = rows_of(read(tmp_path), "conditions")
    assert [
        (row["question_id"], row["condition_number"], row["if_question_id"], row["if_option_id"])
        for row in rows
    ] == [("help", 1, "role", "owner"), ("topics", 1, "role", "owner"), ("topics", 2, "help", "yes")]


def test_a_matrixs_options_and_translations_are_those_of_each_row(tmp_path: Path) -> None:
    source = read(tmp_path)
    offered = [(row["question_id"], row["option_id"]) for row in rows_of(source, "options")]
    assert offered.count(("pool", "much")) == offered.count(("community", "much")) == 1
    assert ("value", "much") not in offered
    assert {o.option_id for o in source.options_of("w1", "pool")} == {"much", "some", "none"}
    translated = [(row["question_id"], row["option_id"]) for row in rows_of(source, "translations")]
    assert translated == [("role", None), ("pool", "much"), ("community", "much")]


def test_the_base_is_who_was_shown_a_list_without_none_of_these(tmp_path: Path) -> None:
    source = read(tmp_path)
    bases = {row["question_id"]: row["base"] for row in rows_of(source, "questions")}
    assert bases == {
        "role": "answered",
        "help": "answered",
        "topics": "answered",
        "pool": "answered",
        "community": "answered",
        "themes": "shown",
        "causes": "shown",
    }


def test_fields_of_coded_texts_and_links_land(tmp_path: Path) -> None:
    assert {"comment", "email", "respondent"} <= read(tmp_path).declared_fields("w1")


def test_submissions_of_a_form_server_are_whole(tmp_path: Path) -> None:
    waves = {row["wave_id"]: row["submissions_are_whole"] for row in rows_of(read(tmp_path), "waves")}
    assert waves == {"w1": False, "w2": True}


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("questions", "help = yes", "helps = yes", "w1, topics is shown if helps, which is no earlier"),
        ("questions", "help = yes", "pool = much", "w1, topics is shown if pool, which is no earlier"),
        ("questions", "help = yes", "help = maybe", "help = maybe, which that question did not offer"),
        ("questions", "help = yes", "help is yes", r"line 4: `help is yes` is no condition"),
        ("questions", ",,causes,Topics", ",,roles,Topics", "topics is crossed with roles, which is no other"),
        (
            "questions",
            ",,causes,Topics",
            ",,topics,Topics",
            "topics is crossed with topics, which is no",
        ),
        ("questions", ",,causes,Topics", ",,role,Topics", "topics is crossed with role, which is no other"),
        ("questions", "value,all,,,,Pool", "value,all,,,causes,Pool", "is of kind scale, and single and"),
        ("questions", ",value,all,,,,Pool", ",values,all,,,,Pool", "values is a matrix of one row"),
        ("questions", "w1,themes,comment,", "w1,value,comment,", "w1, value is a matrix and a question"),
        ("questions", "role,,all,,,,Role,Who", "role,,owner,,,,Role,Who", "role tells the role, and so it"),
        ("questions", "single,support_need", "single,support_needs", "help has theme support_needs, which"),
        ("questions", ",all,,,,Themes", ",all,,shown,,Themes", None),
        (
            "questions",
            ",owner,,,,Help",
            ",owner,,shown,,Help",
            "line 3: `base` is `shown` for kinds multiple",
        ),
        ("questions", "coded,multiple", "coded,single", "line 7: .* layout coded is for kind multiple"),
        ("options", "w1,help,no,,n,No,2,,,", "w1,help,no,,n,No,2,,,yes", "help, no is exclusive, which"),
        ("options", "w1,help,no,,n", "w1,help,no,,", "help, no needs `code`, or `field`"),
        ("options", "topics,law", "topics,top_two", "top_two is a name that the warehouse gives"),
        ("options", "topics,law", "topics,challenge_law", "challenge_law is a name that the warehouse gives"),
        ("frame", "role,other", "role,others", "w1, role others is no option of a question"),
        ("frame", "other,10", "other,11", "w1, role adds up to 31, but source.yml says that 30 were"),
        ("frame", "w1,role,other,10", "w2,role,other,10", "wave w2 has no `frame`|role adds up to 20"),
        ("frame", "w1,role,other,10,,", "w1,role,owner,10,,", "w1, role owner is there twice"),
        ("frame", "role,other,10,,", "role,other,10,,2", "ineligible_count adds up .*: all 0, role 2"),
        ("frame", "20,,\nw1,role,other,10,,", "20,1,\nw1,role,other,10,,", None),
        (
            "frame",
            "20,,\nw1,role,other,10,,",
            "20,1,\nw1,role,other,10,0,",
            "bounced_count .*: all 2, role 1",
        ),
        ("frame", "30,2,", "30,29,2", "line 2: more bounced or were ineligible than were invited"),
        ("translations", "w1,role,", "w1,value,", "translations.csv: w1, value is not in questions.csv"),
        ("translations", "value,much", "value,lots", "w1, value, lots is not in options.csv"),
        ("translations", ",fr,Rôle", ",de,Rôle", "w1, role is in de, which is none of the wave's"),
        ("translations", ",fr,Rôle", ",en,Rôle", "w1, role has its en label in questions.csv"),
        ("translations", "Qui êtes-vous ?", "", "line 2: a question's translation has a `wording`"),
        ("translations", "w1,value,much,fr,Beaucoup,", "w1,role,,fr,R,Qui ?", "w1, role, fr is there twice"),
        ("codings", "themes,r1", "topics,r1", "w1, topics is no question with layout coded"),
        ("codings", "r1,money", "r1,moneys", "w1, themes, moneys is not in options.csv"),
        ("codings", "r1,money\n", "r1,money\nw1,themes,r1,money\n", "w1, themes, r1 is there twice"),
        ("codings", "w1,themes", "w9,themes", "codings.csv: wave w9 is not in source.yml"),
    ],
)
def test_what_one_file_names_another_has_to_hold(
    tmp_path: Path, file: str, old: str, new: str, problem: str | None
) -> None:
    text = {
        "questions": QUESTIONS,
        "options": OPTIONS,
        "frame": FRAME,
        "translations": TRANSLATIONS,
        "codings": CODINGS,
    }[file]
    assert old in text
    changed = {file: text.replace(old, new, 1)}
    if problem is None:
        read(tmp_path, **changed)
        return
    with pytest.raises(ConfigurationError, match=problem):
        read(tmp_path, **changed)


RANKS = """\
wave_id,question_id,field,layout,kind,theme,place_count,label,wording
w1,two,,column_per_option,rank,challenge,2,Two,Which two?
w1,every,every,space_separated,rank,challenge,,Every,In which order?
w1,each,,column_per_option,rank,challenge,3,Each,In which place?
w1,fields,f1|f2,column_per_rank,rank,challenge,,Fields,Which two?
w1,chosen,chosen,value,single,challenge,,Chosen,Which?
"""
RANKED_OPTIONS = "wave_id,question_id,option_id,field,code,label,sort\n" + "".join(
    f"w1,{question},{option},{'' if code else f'{question}_{option}'},{code},{option},1\n"
    for question in ("two", "every", "each", "fields", "chosen")
    for option in ("law", "code", "money")
    for code in ("" if question in ("two", "each") else option,)
)


def read_ranks(root: Path, questions: str) -> Source:
    return read(root, questions=questions, options=RANKED_OPTIONS, frame="", translations="", codings="")


def test_a_rank_asks_for_the_declared_places_or_its_fields_or_all_options(tmp_path: Path) -> None:
    places = {
        row["question_id"]: row["place_count"] for row in rows_of(read_ranks(tmp_path, RANKS), "questions")
    }
    assert places == {"two": 2, "every": None, "each": None, "fields": 2, "chosen": None}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("challenge,2,Two", "challenge,4,Two", "w1, two has 4 places, but only 3 options"),
        ("challenge,2,Two", "challenge,0,Two", "line 2: .*place_count.* greater than or equal to 1"),
        ("challenge,2,Two", "challenge,two,Two", "line 2: .*place_count"),
        ("challenge,,Fields", "challenge,3,Fields", "line 5: .*`place_count` is 3, and `field` has 2 places"),
        ("f1|f2,", "f1|f2|f3|f4,", "w1, fields has 4 places, but only 3 options"),
        ("challenge,,Chosen", "challenge,2,Chosen", "line 6: .*`place_count` is of kind rank alone"),
    ],
)
def test_places_that_a_rank_cannot_have_are_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        read_ranks(tmp_path, RANKS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("pseudonymise: [email]", "drop: [ip]", "w1 links respondents by email: name it under"),
        ("mode: By telephone.", "modus: By telephone.", "waves.0.changes.modus"),
        ("mode: By telephone.", 'mode: ""', "waves.0.changes.mode"),
    ],
)
def test_a_waves_link_and_changes_are_checked(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        read(tmp_path, source=SOURCE.replace(old, new))


def test_a_challenges_parent_is_at_the_top(tmp_path: Path) -> None:
    (tmp_path / "challenges.csv").write_text(
        "challenge_id,parent_challenge_id,theme,label,definition,sort\n"
        "a,,legal,A,It is A.,1\nb,a,legal,B,It is B.,2\nc,b,legal,C,It is C.,3\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError, match="c has parent b, which is no challenge without a parent"):
        read(tmp_path)


def test_every_theme_that_a_mart_selects_is_known() -> None:
    marts = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "survey"
    called = [
        call
        for path in marts.glob("*.sql")
        for call in re.findall(r"topical_trend\(\[(.*?)\]", path.read_text(encoding="utf-8"))
    ]
    selected = {theme for call in called for theme in re.findall(r"'(\w+)'", call)}
    assert selected - CHALLENGE_THEMES <= TOPICAL_THEMES
    assert selected >= TOPICAL_THEMES
    assert selected <= KNOWN_THEMES


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name not in ("or", "and"))


@given(st.lists(st.builds(Condition, NAMES, st.lists(NAMES, min_size=1, max_size=3).map(tuple)), max_size=4))
def test_conditions_are_read_as_they_are_written(conditions: list[Condition]) -> None:
    text = " and ".join(f"{c.question_id} = {' or '.join(c.option_ids)}" for c in conditions)
    assert read_conditions(text) == tuple(conditions)


@pytest.mark.parametrize(
    ("cell", "fields"),
    [
        ("q_1|q_2", ("q_1", "q_2")),
        ("Challenges | First||Challenges | Second", ("Challenges | First", "Challenges | Second")),
    ],
)
def test_places_of_a_rank_may_stand_under_several_header_rows(cell: str, fields: tuple[str, ...]) -> None:
    assert join_ranked_fields(fields) == cell
    assert ranked_fields(cell) == fields
