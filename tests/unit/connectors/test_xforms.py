"""XForms as the usual compiler of XLSForms writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyxform.xls2xform import convert

from dpg_warehouse.connectors.xforms import read_xform
from dpg_warehouse.records import ShapeError
from dpg_warehouse.settings import PROJECT_ROOT

TINY = """
| survey  |                      |           |                 |               |                           |
|         | type                 | name      | label::English  | label::French | relevant                  |
|         | start                | start     |                 |               |                           |
|         | deviceid             | deviceid  |                 |               |                           |
|         | begin group          | about     | About you       | Vous          |                           |
|         | select_one money     | first-one | What first?     | Quoi d'abord? |                           |
|         | rank money           | _2nd      | In which order? | Quel ordre?   | ${first-one} = 'grants'   |
|         | note                 | thanks    | Thank you       | Merci         |                           |
|         | end group            |           |                 |               |                           |
|         | begin repeat         | people    | A person        | Une personne  |                           |
|         | select_multiple team | role      | Which roles?    | Quels rôles?  |                           |
|         | end repeat           |           |                 |               |                           |
| choices |                      |           |                 |               |                           |
|         | list_name            | name      | label::English  | label::French |                           |
|         | money                | grants    | Grants          | Subventions   |                           |
|         | money                | sales     | Sales           | Ventes        |                           |
|         | team                 | dev       | Developer       | Développeuse  |                           |
"""


def xform_of(form: Path | str) -> bytes:
    told: str = convert(form, validate=False).xform
    return told.encode()


def test_kinds_labels_and_choices_are_read_by_the_paths_that_odata_has() -> None:
    xform = read_xform(xform_of(TINY))
    assert xform.languages == ("English", "French")
    assert xform.kinds == {
        "start": "start",
        "deviceid": "deviceid",
        "about/first_one": "select_one",
        "about/_2nd": "rank",
        "about/thanks": "note",
        "people/role": "select_multiple",
    }
    assert xform.labels["about"] == ["About you", "Vous"]
    assert xform.labels["people/role"] == ["Which roles?", "Quels rôles?"]
    assert xform.relevants == {"about/_2nd": "${first_one} = 'grants'"}
    assert xform.lists == {"about/first_one": "money", "about/_2nd": "money", "people/role": "team"}
    assert list(xform.choices) == [
        {"list_name": "money", "name": "grants", "label": ["Grants", "Subventions"]},
        {"list_name": "money", "name": "sales", "label": ["Sales", "Ventes"]},
        {"list_name": "team", "name": "dev", "label": ["Developer", "Développeuse"]},
    ]


def test_a_form_in_one_language_has_one_label_each() -> None:
    one = TINY.replace("label::English", "label").replace("label::French", "note")
    xform = read_xform(xform_of(one))
    assert xform.languages == (None,)
    assert xform.labels["about/first_one"] == ["What first?"]
    assert {len(row["label"]) for row in xform.choices} == {1}


def test_the_samples_questionnaire_is_read_in_both_languages() -> None:
    xform = read_xform(xform_of(PROJECT_ROOT / "sample_data" / "questionnaire.xlsx"))
    assert len(xform.languages) == 2
    selects = {path for path, kind in xform.kinds.items() if kind.startswith("select")}
    assert selects
    assert {xform.lists[path] for path in selects} <= {row["list_name"] for row in xform.choices}
    assert all(all(row["label"]) for row in xform.choices)


@pytest.mark.parametrize(
    "form",
    ["choice_filter_test", "flat_xlsform_test", "group", "or_other", "specify_other", "text_and_integer"],
)
def test_the_compilers_own_examples_are_read(real_data: Path, form: str) -> None:
    xform = read_xform(xform_of(real_data / "wire" / "xlsform_pyxform" / f"{form}.xlsx"))
    assert xform.labels
    for path, kind in xform.kinds.items():
        if kind.startswith("select"):
            assert xform.lists[path] in {row["list_name"] for row in xform.choices}


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(ShapeError, match="no XForm"):
        read_xform(b"<html")
