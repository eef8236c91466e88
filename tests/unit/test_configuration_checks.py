"""What is wrong between a survey's files is said before anything is pulled, by file and question."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpg_warehouse.configuration import ConfigurationError, Source, read_sources

SOURCE = """\
source_id: tiny
kind: survey
title: A survey that a test made up
publisher: A test
licence: CC0-1.0
waves:
  - &first {wave_id: w1, number: 1, label: First, connector: delimited, location: w1.csv,
            opened_on: 2024-01-01, respondent_key: respondent}
  - {<<: *first, wave_id: w2, number: 2}
"""
QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,segment_kind,asked_of,label,wording
w1,role,role,value,single,respondent,role,all,Role,Who are you?
w1,outlook,outlook,value,scale,financing,,owner,Outlook,How will it go on?
w2,outlook,outlook,value,scale,financing,,all,Outlook,How will it go on?
"""
OPTIONS = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value
w1,role,owner,,1,Owner,1,,
w1,role,implementer,,2,Implementer,2,,
*,outlook,well,,a,Well,1,,3
*,outlook,so_so,,b,So so,2,,2
*,outlook,badly,,c,Badly,3,,1
*,outlook,dont_know,,d,Don't know,4,,
"""
CORRECTIONS = "wave_id,record_key,action,field,expected,value,reason\n"
FIGURES = "wave_id,question_id,claim,value_text,n_text,source\n"


def read(root: Path, **files: str) -> Source:
    """The made-up survey, with other contents for some of its files."""
    folder = root / "tiny"
    folder.mkdir()
    (folder / "source.yml").write_text(SOURCE, encoding="utf-8")
    for name, text in ({"questions": QUESTIONS, "options": OPTIONS} | files).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_sources([root])["tiny"]


def test_a_survey_whose_files_agree_is_read(tmp_path: Path) -> None:
    source = read(
        tmp_path,
        corrections=f"{CORRECTIONS}w1,r1,exclude,outlook,a,,Answered twice.\n",
        published_figures=f"{FIGURES}w1,outlook,All will go well,90 %,,A newsletter\n",
    )
    assert len(source.questions) == 3


@pytest.mark.parametrize(
    ("options", "wave", "count"),
    [
        (OPTIONS.replace("Badly,3,,1", "Badly,3,,2"), "w1", 2),
        (OPTIONS.replace("Well,1,,3", "Well,1,,").replace("So so,2,,2", "So so,2,,"), "w1", 1),
        (OPTIONS.replace("*,outlook,badly", "w1,outlook,badly"), "w2", 2),
    ],
)
def test_a_scale_needs_three_steps_in_each_wave(tmp_path: Path, options: str, wave: str, count: int) -> None:
    message = rf"options\.csv: {wave}, outlook is a scale and needs at least 3 .* but has {count}"
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path, options=options)


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        (
            QUESTIONS.replace(",owner,Outlook", ",owners,Outlook"),
            r"questions\.csv: w1, outlook is asked of owners, but the wave's roles are: implementer, owner",
        ),
        (
            QUESTIONS.replace("financing,,all,Outlook", "financing,,owner,Outlook"),
            r"w2, outlook is asked of owner, but the wave's roles are: none",
        ),
        (QUESTIONS.replace("respondent,role,all", "respondent,,all"), "w1, outlook .* roles are: none"),
    ],
)
def test_a_question_is_asked_of_all_or_of_a_role_of_its_wave(
    tmp_path: Path, questions: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path, questions=questions)


@pytest.mark.parametrize("name", ["all", "all_other", "top_two", "other_options", "challenge_money"])
def test_no_option_is_called_as_the_warehouse_calls_its_own(tmp_path: Path, name: str) -> None:
    message = rf"options\.csv, line 7: option_id {name} is a name that the warehouse gives by itself"
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path, options=OPTIONS.replace("*,outlook,dont_know", f"*,outlook,{name}"))


@pytest.mark.parametrize("name", ["all", "named_money"])
def test_no_kind_of_segments_is_called_as_the_warehouse_calls_its_own(tmp_path: Path, name: str) -> None:
    message = rf"questions\.csv, line 2: segment_kind {name} is a name that the warehouse gives by itself"
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path, questions=QUESTIONS.replace("respondent,role,", f"respondent,{name},"))


@pytest.mark.parametrize("name", ["owner_or_implementer", "owner_or_more", "neither_or_owner"])
def test_no_segment_is_called_as_if_it_were_merged_with_another(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"options\.csv: role, {name} is what segments of role"):
        read(tmp_path, options=f"{OPTIONS}w1,role,{name},,3,Both,3,,\n")


def test_a_segment_may_hold_an_or_of_its_own(tmp_path: Path) -> None:
    read(tmp_path, options=f"{OPTIONS}w1,role,ten_or_more,,3,Ten or more,3,,\n")


@pytest.mark.parametrize("row", ["w1,outlok", "w2,role"])
def test_a_published_figure_is_about_a_question_of_its_wave(tmp_path: Path, row: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"published_figures\.csv: {row.replace(',', ', ')} is not"):
        read(tmp_path, published_figures=f"{FIGURES}{row},All will go well,90 %,,A newsletter\n")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("correct,outlook,a,b", "action: "),
        ("exclude,outlook,a,b", "an exclusion sets no `value`"),
        ("set,,a,b", "action set needs a `field`"),
        ("set,outlook,a,a", "action set needs a `field`, and a `value` unlike"),
    ],
)
def test_a_correction_that_says_nothing_clear_is_refused(tmp_path: Path, row: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"corrections\.csv, line 2: {problem}"):
        read(tmp_path, corrections=f"{CORRECTIONS}w1,r1,{row},A slip of the pen.\n")


def test_a_value_is_corrected_in_a_field_that_somebody_reads(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="w1, r1 sets outlok, which no question or option"):
        read(tmp_path, corrections=f"{CORRECTIONS}w1,r1,set,outlok,a,b,A slip of the pen.\n")


def test_a_rank_in_one_cell_without_places_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"questions\.csv, line 2: .* layout value cannot hold"):
        read(tmp_path, questions=QUESTIONS.replace("role,role,value,single", "role,role,value,rank"))
