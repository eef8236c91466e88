"""What is seen of an export's columns, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.configuration import Wave
from dpg_warehouse.connectors.columns import read_columns
from dpg_warehouse.connectors.personal_data import Protection
from dpg_warehouse.forms import Column
from tests.unit.connectors.builders import survey_source


def columns_of(
    folder: Path, text: str, *, known: frozenset[str] = frozenset(), **wave: Any
) -> dict[str, Column]:
    path = folder / "w1.csv"
    path.write_text(text, encoding="utf-8")
    declared: Wave = survey_source(folder, (), **wave).file.waves[0]
    return {
        column.field: column for column in read_columns(path, declared, Protection(drop=("secret",)), known)
    }


def table(*columns: tuple[str, list[str]]) -> str:
    rows = zip(*(cells for _, cells in columns), strict=True)
    return "\n".join([",".join(name for name, _ in columns), *(",".join(row) for row in rows)]) + "\n"


def test_values_of_closed_questions_are_seen(tmp_path: Path) -> None:
    text = table(("region", ["Africa"] * 4 + ["Asia"] * 3 + [""]))
    assert columns_of(tmp_path, text)["region"].values == ("Africa", "Asia")


def test_what_respondents_wrote_is_not_seen(tmp_path: Path) -> None:
    text = table(("comment", [f"My own words {n}" for n in range(40)]))
    column = columns_of(tmp_path, text)["comment"]
    assert column.values == ()
    assert "own words" not in repr(column)


def test_a_value_that_fewer_than_three_gave_is_counted_and_not_shown(tmp_path: Path) -> None:
    text = table(("region", ["Africa"] * 9 + ["My house", "My house"]))
    column = columns_of(tmp_path, text)["region"]
    assert (column.values, column.left_out_count) == (("Africa",), 1)
    assert "house" not in repr(column)


def test_a_rare_value_that_earlier_waves_show_is_shown(tmp_path: Path) -> None:
    text = table(("region", ["Africa"] * 9 + ["Oceania"]))
    column = columns_of(tmp_path, text, known=frozenset({"oceania"}))["region"]
    assert (column.values, column.left_out_count) == (("Africa", "Oceania"), 0)


@pytest.mark.parametrize("value", ["planted@example.org", "+1 202 555 0123", "192.0.2.7", "2001:db8::1"])
def test_contacts_make_a_column_personal_and_are_not_seen(tmp_path: Path, value: str) -> None:
    column = columns_of(tmp_path, table(("where", [value] * 5)))["where"]
    assert column.is_personal
    assert value not in repr(column)


def test_a_dropped_column_is_not_looked_at(tmp_path: Path) -> None:
    assert "secret" not in columns_of(tmp_path, table(("secret", ["x"] * 5), ("region", ["x"] * 5)))


def test_marks_tell_who_said_yes(tmp_path: Path) -> None:
    text = table(("a", ["1", "", "1"]), ("b", ["yes", "no", "no"]), ("c", ["0", "0", ""]))
    found = columns_of(tmp_path, text)
    assert {name: column.marks for name, column in found.items()} == {"a": 0b101, "b": 0b001, "c": 0b011}


def test_codes_joined_by_blanks_are_seen_one_by_one(tmp_path: Path) -> None:
    cells = ["money law", "law people", "money law people", "people", "money people", "law", "money"]
    column = columns_of(tmp_path, table(("topics", cells)))["topics"]
    assert column.is_listed
    assert set(column.values) == {"money", "law", "people"}


def test_columns_that_a_spreadsheet_left_behind_are_not_seen(tmp_path: Path) -> None:
    text = ",Q1,Q2,\n,Which?,How?,\nrespondent,a,Response,\nr1,1,2,\n"
    assert list(columns_of(tmp_path, text, header_rows=3)) == [
        "respondent",
        "Q1 | Which? | a",
        "Q2 | How? | Response",
    ]


@given(st.lists(st.text(alphabet="abcdefg ", min_size=3, max_size=12), min_size=1, max_size=12, unique=True))
def test_no_text_of_one_respondent_is_ever_seen(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """Whatever the others say, a text that one respondent gave is no list's value."""
    folder = tmp_path_factory.mktemp("columns")
    cells = [f"own {text}" for text in texts]
    seen = columns_of(folder, table(("words", cells + ["shared text"] * 20)))["words"]
    assert set(seen.values) <= {"shared text", "shared", "text"}


def test_a_rare_number_of_two_digits_may_be_an_age_and_is_not_seen(tmp_path: Path) -> None:
    text = table(("age", ["34"] * 6 + ["87", "5"]), ("option", [""] * 7 + ["13"]))
    found = columns_of(tmp_path, text)
    assert (found["age"].values, found["age"].left_out_count) == (("34", "5"), 1)
    assert found["option"].values == ("13",)


def test_what_three_gave_in_one_column_of_a_question_is_seen_in_its_others(tmp_path: Path) -> None:
    cells = ["Often"] * 5 + ["Never"] * 3, ["Never"] * 7 + ["Often"], ["Often"] * 7 + ["Never"]
    text = "How often?,,Other\n" + table(*zip(("Write", "Read", "Words"), cells, strict=True))
    found = columns_of(tmp_path, text, header_rows=2)
    assert set(found["How often? | Read"].values) == {"Often", "Never"}
    assert found["How often? | Read"].rows_of == {"Never": 0b01111111, "Often": 0b10000000}
    assert found["Other | Words"].values == ("Often",)
