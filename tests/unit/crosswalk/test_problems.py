"""Everything that is wrong with a survey's files is told at once, with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dpg_warehouse.configuration import Source
from dpg_warehouse.crosswalk import coverage_of, problems_in, uncovered
from dpg_warehouse.forms import Form, FormOption, FormQuestion
from dpg_warehouse.records import UsageError
from tests.unit.crosswalk.builders import OPTIONS, QUESTIONS, SOURCE, asked, survey, survey_folder


def problems_of(root: Path, **files: str) -> list[tuple[str, int | None, str]]:
    survey_folder(root, **files)
    problems, _ = problems_in([root], "tiny")
    return [(problem.file, problem.line, problem.text) for problem in problems]


def test_sound_files_have_no_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == []


def test_each_row_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    questions = QUESTIONS.replace(",scale,", ",scael,").replace("space_separated", "spaces")
    found = problems_of(tmp_path, questions=questions)
    assert [(file, line) for file, line, _ in found] == [("questions.csv", 2), ("questions.csv", 3)]
    assert found[0][2].startswith("kind: ")
    assert found[1][2].startswith("layout: ")


def test_rows_that_could_not_be_read_are_not_missed_again(tmp_path: Path) -> None:
    """options.csv names their questions, which are there, though they can't be used."""
    found = problems_of(tmp_path, questions=QUESTIONS.replace(",scale,", ",scael,"))
    assert [file for file, _, _ in found] == ["questions.csv"]


def test_what_files_lack_of_each_other_is_told_with_its_line(tmp_path: Path) -> None:
    options = OPTIONS.replace(",financing,", ",finance,") + "w1,unknown,a,,1,A,1,,\n"
    questions = QUESTIONS + "w9,late,late,value,text,comment,,Late,Late?\n"
    assert problems_of(tmp_path, options=options, questions=questions) == [
        ("options.csv", 6, "challenge finance is not in challenges.csv"),
        ("options.csv", 8, "w1, unknown is not in questions.csv"),
        ("questions.csv", 4, "wave w9 is not in source.yml"),
    ]


def test_a_theme_that_nobody_knows_is_told(tmp_path: Path) -> None:
    ((file, line, text),) = problems_of(tmp_path, questions=QUESTIONS.replace("financing", "finances"))
    assert (file, line) == ("questions.csv", 2)
    assert "theme finances" in text


def test_places_that_a_rank_cannot_have_are_told_with_their_line(tmp_path: Path) -> None:
    header, outlook, challenges = QUESTIONS.splitlines()
    ranked = challenges.replace("multiple", "rank")
    rows = [f"{header},place_count", f"{outlook},2", f"{ranked},3", f"{ranked.replace('w1', 'w2')},1"]
    found = problems_of(tmp_path, questions="\n".join(rows) + "\n", options=OPTIONS.replace("w1,c", "*,c"))
    assert found == [
        ("questions.csv", 2, "`place_count` is of kind rank alone"),
        ("questions.csv", 3, "w1, challenges has 3 places, but only 2 options to put there"),
    ]


def test_entries_of_source_yml_are_told_with_their_lines(tmp_path: Path) -> None:
    source = SOURCE.replace("publisher:", "publicher:").replace("opened_on: 2024-05-01", "opened_on: May")
    found = problems_of(tmp_path, source=source)
    assert {(file, line) for file, line, _ in found} == {
        ("source.yml", None),  # publisher is missing
        ("source.yml", 4),
        ("source.yml", 10),
    }


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("source", "waves: [\n", ("source.yml", 2, "is not YAML")),
        ("source", SOURCE.replace(": tiny", ": other"), ("source.yml", None, "name both alike")),
        ("options", OPTIONS + 'w1,outlook,"a\n', ("options.csv", 8, "can't be read as a CSV file")),
        ("options", OPTIONS + "w1,outlook,more,,5,More,5,,,,\n", ("options.csv", 8, "more cells")),
    ],
)
def test_files_that_cannot_be_read_are_told(
    tmp_path: Path, name: str, text: str, told: tuple[str, int | None, str]
) -> None:
    file, line, part = told
    found = problems_of(tmp_path, **{name: text})
    assert [(problem[0], problem[1]) for problem in found if part in problem[2]] == [(file, line)]


def test_an_unknown_survey_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    survey_folder(tmp_path)
    with pytest.raises(UsageError, match="known are: tiny"):
        problems_in([tmp_path], "tinny")


def test_a_challenge_that_two_folders_define_differently_is_told(tmp_path: Path) -> None:
    survey_folder(tmp_path / "one")
    survey_folder(tmp_path / "two")
    other = tmp_path / "two" / "challenges.csv"
    other.write_text(other.read_text(encoding="utf-8").replace("Money.", "Coins."), encoding="utf-8")
    problems, _ = problems_in([tmp_path / "one", tmp_path / "two"], "tiny")
    assert [(problem.file, problem.line) for problem in problems] == [("challenges.csv", 2)]


def test_problems_of_another_survey_are_not_this_ones(tmp_path: Path) -> None:
    survey_folder(tmp_path)
    other = tmp_path / "broken"
    other.mkdir()
    (other / "source.yml").write_text("nonsense", encoding="utf-8")
    assert problems_in([tmp_path], "tiny")[0] == ()
    assert problems_in([tmp_path], "broken")[0] != ()


def covered(root: Path, extra_questions: str, extra_options: str = "") -> Source:
    return survey(root, questions=QUESTIONS + extra_questions, options=OPTIONS + extra_options)


def test_coverage_tells_which_wave_asked_what_and_since_when(tmp_path: Path) -> None:
    source = covered(tmp_path, "w2,comment,c,value,text,comment,,Comment,Anything else?\n")
    coverage = coverage_of(source)
    assert coverage.question_ids == ("outlook", "challenges", "comment")
    assert ("outlook", "w2") not in coverage.cells
    challenges = coverage.cells["challenges", "w1"]
    assert (challenges.kind, challenges.option_count, challenges.challenge_count) == ("multiple", 2, 1)
    assert coverage.cells["comment", "w2"].compared_with is None


def test_coverage_tells_how_many_places_a_rank_has(tmp_path: Path) -> None:
    header, _, challenges = QUESTIONS.splitlines()
    ranked = challenges.replace("multiple", "rank")
    rows = [f"{header},place_count", f"{ranked},1", f"{ranked.replace('w1', 'w2')},"]
    offered = "\n".join(line.replace("w1", "*") for line in OPTIONS.splitlines() if "outlook" not in line)
    cells = coverage_of(survey(tmp_path, questions="\n".join(rows) + "\n", options=f"{offered}\n")).cells
    assert [cells["challenges", wave].place_count for wave in ("w1", "w2")] == [1, None]


def findings(
    source: Source, form: Form, undeclared: str = "", keys: tuple[str, ...] = ("respondent",)
) -> list[tuple[str, bool]]:
    found = uncovered(source, source.wave("w1"), replace(form, key_fields=keys), lambda n: n == undeclared)
    return [(finding.text, finding.rejects) for finding in found]


def test_a_form_that_agrees_with_the_files_has_no_finding(tmp_path: Path) -> None:
    form = Form((asked("?", "a", "b", "c", "d", field="outlook"), asked("?", field="group/challenges")))
    assert findings(survey(tmp_path), form) == []


def test_fields_and_codes_that_only_one_side_has_are_found(tmp_path: Path) -> None:
    form = Form((asked("?", "a", "b", "c", "d", "e", field="outlook"),), other_fields={"extra": ""})
    assert findings(survey(tmp_path), form, undeclared="extra") == [
        (
            "extra is neither declared nor ignored: add it to questions.csv or options.csv, "
            "or under personal_data or ignore in source.yml",
            True,
        ),
        (
            "challenges is declared, but not there: correct its name, "
            "or see header_rows, skip_rows and field_pattern in source.yml",
            True,
        ),
        ("outlook: options.csv lacks 5: add a row for each code", True),
    ]


def test_a_header_of_another_shape_is_told_once(tmp_path: Path) -> None:
    form = Form((asked("?", field="Q1 | outlook"), asked("?", field="Q2 | challenges")))
    ((text, rejects),) = findings(survey(tmp_path), form, keys=("Respondent ID",))
    assert rejects
    assert text.startswith("none of the 3 declared fields is there: see header_rows")


def test_a_missing_respondent_key_is_found(tmp_path: Path) -> None:
    form = Form((asked("?", field="outlook"), asked("?", field="challenges")))
    ((text, _),) = findings(survey(tmp_path), form, keys=())
    assert text.startswith("respondent is declared, but not there")


def test_columns_of_one_name_are_found_if_they_are_declared(tmp_path: Path) -> None:
    fields = (asked("?", field="outlook"), asked("?", field="challenges"))
    form = Form(fields, repeated_fields=("outlook", "whatever"))
    assert findings(survey(tmp_path), form) == [
        ("outlook is the name of several columns: tell them apart with field_pattern", True)
    ]


RANK_AND_CHOICE = """\
wave_id,question_id,field,layout,kind,theme,label,wording
w1,rank,C | First||C | Second,column_per_rank,rank,challenge,Rank,Which come first?
w1,choice,,column_per_option,multiple,challenge,Choice,Which apply?
"""
OPTIONS_OF_BOTH = """\
wave_id,question_id,option_id,field,code,label,sort
w1,rank,money,,m,Money,1
w1,rank,law,,l,Law,2
w1,choice,money,A | Money/coins,1,Money,1
w1,choice,law,A | Law/coins,x,Law,2
"""


def test_places_under_header_rows_and_marks_of_options_are_held_against_the_files(tmp_path: Path) -> None:
    """A `/` in a header's text is no group, so that the two options are not taken for one."""
    source = survey(tmp_path, questions=RANK_AND_CHOICE, options=OPTIONS_OF_BOTH)
    rank = FormQuestion("C | First||C | Second", "column_per_rank", "rank", {}, (FormOption("p", {}),))
    marks = (FormOption("1", {}, "A | Money/coins"), FormOption("1", {}, "A | Law/coins"))
    choice = FormQuestion("", "column_per_option", "multiple", {}, marks)
    assert findings(source, Form((rank, choice))) == [
        ("rank: options.csv lacks p: add a row for each code", True),
        ("A | Law/coins holds 1, which is not its `code` in options.csv: correct that", True),
    ]


def test_skip_logic_without_shown_if_is_found_and_translated(tmp_path: Path) -> None:
    relevant = asked("?", field="challenges", relevant="${outlook} = '1'")
    form = Form((asked("?", field="outlook"), relevant))
    assert findings(survey(tmp_path), form) == [
        ("challenges is shown to some alone, without shown_if: shown_if could be `outlook = grow`", False)
    ]


@pytest.mark.parametrize("name", ["top_two", "other_options", "challenge_money"])
def test_a_name_that_the_warehouse_gives_itself_is_refused(tmp_path: Path, name: str) -> None:
    ((file, line, text),) = problems_of(tmp_path, options=OPTIONS.replace(",people,", f",{name},"))
    assert (file, line) == ("options.csv", 7)
    assert f"{name} is a name that the warehouse gives by itself" in text
