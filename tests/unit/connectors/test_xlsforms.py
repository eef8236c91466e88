"""XLSForm workbooks as questionnaires."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from dpg_warehouse.connectors.xlsforms import is_xlsform, read_xlsform
from dpg_warehouse.crosswalk import form_of_content
from dpg_warehouse.records import ShapeError
from dpg_warehouse.settings import PROJECT_ROOT

SAMPLE = PROJECT_ROOT / "sample_data"


def test_the_samples_workbook_and_its_deployed_form_are_one_questionnaire() -> None:
    deployed = SAMPLE / "kobotoolbox" / "version_vDpgOwnersDemo2024Scnd.json"
    landed = form_of_content(json.loads(deployed.read_text(encoding="utf-8"))["content"])
    written = form_of_content(read_xlsform(SAMPLE / "questionnaire.xlsx"))
    assert written.questions == landed.questions
    assert written.languages == ("en", "fr")
    assert written.personal_fields == ("closing/contact_email",)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("or_other", {"fav_color": 6, "fav_color_other": 0, "fav_pastel": 6}),
        ("specify_other", {"sex": 3, "sex_other": 0}),
        ("choice_filter_test", {"state": 2, "county": 3, "city": 8}),
        ("group", {"age": 0}),
        ("text_and_integer", {"your_age": 0}),
    ],
)
def test_forms_of_pyxforms_own_tests_are_read(real_data: Path, name: str, fields: dict[str, int]) -> None:
    form = form_of_content(read_xlsform(real_data / "wire" / "xlsform_pyxform" / f"{name}.xlsx"))
    assert {question.field: len(question.options) for question in form.questions} == fields


@pytest.mark.real_data
def test_a_form_with_groups_languages_and_media_is_read(real_data: Path) -> None:
    path = real_data / "wire" / "xlsform_pyxform" / "flat_xlsform_test.xlsx"
    form = form_of_content(read_xlsform(path))
    assert form.languages == ("english", "default", "chinese")
    assert "everything/phonenumber" in form.personal_fields
    assert {question.field for question in form.questions} >= {"select_multiple_test", "a_integer"}


@pytest.mark.real_data
def test_a_form_that_is_broken_is_refused_with_its_reason(real_data: Path) -> None:
    path = real_data / "wire" / "xlsform_pyxform" / "bug_duplicate_columns.xlsx"
    assert is_xlsform(path)
    with pytest.raises(ShapeError, match="Duplicate column header: label"):
        read_xlsform(path)


def test_workbooks_and_files_that_are_no_forms_are_told_from_them(tmp_path: Path) -> None:
    answers = tmp_path / "answers.xlsx"
    openpyxl.Workbook().save(answers)
    text = tmp_path / "form.xlsx"
    text.write_text("not a workbook", encoding="utf-8")
    assert not is_xlsform(answers)
    assert not is_xlsform(text)
    assert not is_xlsform(tmp_path / "form.csv")
    for path in (answers, text):
        with pytest.raises(ShapeError, match="no XLSForm"):
            read_xlsform(path)
