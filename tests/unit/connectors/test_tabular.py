from __future__ import annotations

import json
import string
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.connectors.tables import Row, cell_text
from dpg_warehouse.connectors.tabular import header_names
from dpg_warehouse.records import FaultKind, Pull, ShapeError, UsageError
from tests.unit.connectors.builders import (
    TODAY,
    every_received_is_told,
    faults_of,
    fetch_wave,
    personal_data,
    survey_source,
)


def pull_of(
    folder: Path,
    text: str | bytes,
    fields: tuple[str, ...] = ("answer",),
    key: str | None = None,
    **wave: Any,
) -> Pull:
    body = text.encode() if isinstance(text, str) else text
    (folder / "w1.csv").write_bytes(body)
    return fetch_wave(survey_source(folder, fields, **wave), key=key)


def test_answers_land_as_stripped_text_and_blanks_are_absent(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer,more\nr1, yes ,\nr2,,3\n", ("answer", "more"))
    assert [(r.key, r.payload) for r in pull.records] == [
        ("r1", {"respondent": "r1", "answer": "yes"}),
        ("r2", {"respondent": "r2", "more": "3"}),
    ]
    assert (pull.format, pull.is_live, pull.expected_count, pull.data_origin) == (
        "delimited",
        False,
        None,
        "synthetic",
    )


def test_blank_rows_are_not_counted(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer\nr1,a\n,\n\n , \nr2,b\n")
    assert pull.received_count == len(pull.records) == 2


@pytest.mark.parametrize(
    ("text", "wave"),
    [
        ("\ufeffrespondent,answer\nr1,a\n", {}),
        ("\ufeff\ufeffrespondent,answer\nr1,a\n", {}),
        ("respondent;answer\nr1;a\n", {"delimiter": ";"}),
        ('A banner "with quotes\nragged,line,of,it\nrespondent,answer\nr1,a\n', {"skip_rows": 2}),
        ('respondent,answer\r\nr1,"a"\r\n', {}),
        ("respondent,answer\nr1,a\n".encode("utf-16"), {"encoding": "utf-16"}),
    ],
)
def test_what_exports_look_like_is_declared(tmp_path: Path, text: str | bytes, wave: Any) -> None:
    pull = pull_of(tmp_path, text, **wave)
    assert [record.payload["answer"] for record in pull.records] == ["a"]


def header(*rows: str) -> list[Row]:
    return [Row(n, tuple(row.split(","))) for n, row in enumerate(rows, 1)]


@pytest.mark.parametrize(
    ("rows", "pattern", "names"),
    [
        (["a,b"], None, ("a", "b")),
        (["Q1,,Q2,", "x,y,,z"], None, ("Q1 | x", "Q1 | y", "Q2", "Q2 | z")),
        (["Q1,", "Q1,other"], None, ("Q1", "Q1 | other")),
        ([",Q1,", "Part,,", "a,b,c"], None, ("Part | a", "Q1 | Part | b", "Q1 | Part | c")),
        (["Q1", "a,b"], None, ("Q1 | a", "Q1 | b")),
        (["Q1 01—Text,Serial", "x,"], r"^(Q\d+ \d+)—", ("Q1 01", "Serial")),
        (
            [",q17,", ",How likely?,", "key,less,more"],
            r"^(q\d+) \| .*? \| (.+)$",
            ("key", "q17 | less", "q17 | more"),
        ),
        (["a,b"], "a", ("a", "b")),
    ],
)
def test_header_rows_make_one_name_a_column(
    rows: list[str], pattern: str | None, names: tuple[str, ...]
) -> None:
    assert header_names(header(*rows), pattern) == names


@given(st.lists(st.lists(st.sampled_from(["", "a", "b"]), min_size=1, max_size=5), min_size=1, max_size=3))
def test_every_column_of_a_header_has_one_name(rows: list[list[str]]) -> None:
    built = [Row(n, tuple(cells)) for n, cells in enumerate(rows, 1)]
    assert len(header_names(built, None)) == max(len(cells) for cells in rows)


def test_a_column_that_nobody_declared_is_named_once_and_does_not_land(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer,extra,extra,\nr1,a,planted,planted,\n")
    assert [fault.detail for fault in faults_of(pull, FaultKind.UNDECLARED_FIELD)] == ["extra"]
    assert "planted" not in json.dumps([record.payload for record in pull.records])
    assert len(pull.records) == 1


def test_a_column_without_a_name_counts_where_it_says_something(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer,\nr1,a,planted\n")
    assert [fault.detail for fault in pull.faults] == ["column 3, which has no header"]


@pytest.mark.parametrize("ignore", ["*", ("extra",), ("ex*",)])
def test_an_ignored_column_is_no_fault(tmp_path: Path, ignore: Any) -> None:
    pull = pull_of(tmp_path, "respondent,answer,extra\nr1,a,x\n", ignore=ignore)
    assert pull.faults == ()
    assert "extra" not in pull.records[0].payload


def test_a_declared_column_that_is_missing_is_named(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer\nr1,a\n", ("answer", "gone"))
    assert [fault.detail for fault in faults_of(pull, FaultKind.MISSING_FIELD)] == ["gone"]


def test_a_missing_respondent_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="no column respondent"):
        pull_of(tmp_path, "person,answer\nr1,a\n")


def test_two_columns_of_one_declared_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError) as refusal:
        pull_of(tmp_path, "respondent,answer,answer\nr1,a,b\n")
    assert refusal.value.difference == ("expected one column answer, found 2",)


@pytest.mark.parametrize(
    ("line", "kind", "key"),
    [
        (",a", FaultKind.NO_KEY, None),
        ("r1,a", FaultKind.DUPLICATE_KEY, "r1"),
        ("r2,nul \x00", FaultKind.UNSTORABLE, None),
        ("r2,#REF!", FaultKind.CELL_ERROR, "r2"),
    ],
)
def test_a_faulty_row_is_told_and_the_others_stay(
    tmp_path: Path, line: str, kind: FaultKind, key: str | None
) -> None:
    pull = pull_of(tmp_path, f"respondent,answer\nr1,a\n\n{line}\n")
    (fault,) = pull.faults
    assert (fault.kind, fault.position, fault.record_key) == (kind, 2, key)
    assert [record.key for record in pull.records] == ["r1"]
    assert every_received_is_told(pull)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('respondent,answer\nr1,"a\nr2,b\n', "line 3: broken quoting"),
        ('respondent,answer\nr1,"a"b\n', "line 2: broken quoting"),
        ("respondent,answer\nr1,a,stray\n", "Line 2 has 3 cells under a header of 2"),
        ("respondent,answer\nr1,a\nr2", "Line 3 has 1 cells under a header of 2"),
        (b"respondent,answer\nr1,\xff\n", "not encoded as utf-8-sig"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        pull_of(tmp_path, text)


def test_lines_are_counted_from_the_files_top(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="Line 4"):
        pull_of(tmp_path, "banner\nrespondent,answer\nr1,a\nr2\n", skip_rows=1)


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        ({"encoding": "klingon"}, "no encoding"),
        ({"delimiter": "||"}, "one character"),
        ({"location": "elsewhere.csv"}, "no export of wave w1"),
        ({"location": "https://example.org/w1.csv"}, "not an address"),
        ({"personal_data": personal_data(drop=("respondent",))}, "drops its respondent key"),
    ],
)
def test_a_wave_that_cannot_be_read_so_says_what_to_change(tmp_path: Path, wave: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        pull_of(tmp_path, "respondent,answer\nr1,a\n", **wave)


def test_dropped_columns_land_nowhere_and_are_no_fault(tmp_path: Path) -> None:
    rules = personal_data(drop=("IP Address", "answer"))
    pull = pull_of(tmp_path, "respondent,IP Address,answer\nr1,192.0.2.7,planted\n", personal_data=rules)
    assert pull.faults == ()
    assert pull.records[0].payload == {"respondent": "r1"}


def test_a_respondent_key_may_be_a_pseudonym(tmp_path: Path) -> None:
    rules = personal_data(pseudonymise=("respondent",))
    text = "respondent,answer\nplanted@example.org,a\n"
    (record,) = pull_of(tmp_path, text, key="k", personal_data=rules).records
    assert record.key == record.payload["respondent"]
    assert record.key.startswith("p_")


@pytest.mark.parametrize("key", ["planted@example.org", "+1 202 555 0123"])
def test_addresses_as_respondent_keys_are_refused_without_naming_one(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError, match="pseudonymise") as refusal:
        pull_of(tmp_path, f"respondent,answer\n{key},a\n")
    assert key not in str(refusal.value)


def test_addresses_and_phone_numbers_in_free_text_are_masked(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer\nr1,write to planted@example.org or call +1 (202) 555-0123\n")
    assert pull.records[0].payload["answer"] == "write to [e-mail removed] or call [phone removed]"


def test_a_phone_number_in_a_columns_name_is_not_told(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, "respondent,answer,+1 202 555 0123\nr1,a,x\n")
    assert [fault.detail for fault in pull.faults] == ["[phone removed]"]


def test_a_rule_drops_a_column_by_a_part_of_its_header(tmp_path: Path) -> None:
    rules = personal_data(drop=("Contact e-mail",))
    text = "respondent,Contact,,answer\n,Contact e-mail,Contact topic,\nr1,planted@example.org,news,a\n"
    fields = ("answer", "Contact | Contact e-mail", "Contact | Contact topic")
    pull = pull_of(tmp_path, text, fields, header_rows=2, personal_data=rules)
    assert pull.faults == ()
    assert pull.records[0].payload == {"respondent": "r1", "Contact | Contact topic": "news", "answer": "a"}


def test_the_date_is_the_one_asked_for_else_the_exports_else_today(tmp_path: Path) -> None:
    (tmp_path / "w1.csv").write_text("respondent,answer\nr1,a\n")
    exported = survey_source(tmp_path, ("answer",), exported_on=date(2024, 3, 1))
    undated = survey_source(tmp_path, ("answer",))
    assert fetch_wave(exported).as_of == date(2024, 3, 1)
    assert fetch_wave(exported, as_of=date(2024, 3, 1)).as_of == date(2024, 3, 1)
    assert fetch_wave(undated, as_of=date(2024, 4, 1)).as_of == date(2024, 4, 1)
    assert fetch_wave(undated).as_of == TODAY


def test_another_date_than_the_configured_exports_needs_another_export(tmp_path: Path) -> None:
    other = tmp_path / "w1.csv"
    other.write_text("respondent,answer\nr1,a\n")
    exported = survey_source(tmp_path, ("answer",), exported_on=date(2024, 3, 1))
    with pytest.raises(UsageError, match=r"exported on 2024-03-01, not on 2024-04-01.*with --from"):
        fetch_wave(exported, as_of=date(2024, 4, 1))
    assert fetch_wave(exported, as_of=date(2024, 4, 1), location=str(other)).as_of == date(2024, 4, 1)


@pytest.mark.parametrize(
    ("wave", "request_", "day"),
    [
        ({}, {"as_of": date(2099, 1, 1)}, "2099-01-01"),
        ({"exported_on": TODAY + timedelta(days=1)}, {}, "2025-06-02"),
    ],
)
def test_an_export_of_the_future_is_refused(tmp_path: Path, wave: Any, request_: Any, day: str) -> None:
    source = survey_source(tmp_path, ("answer",), **wave)
    (tmp_path / "w1.csv").write_text("respondent,answer\nr1,a\n")
    with pytest.raises(UsageError, match=f"dated {day}, which lies after today"):
        fetch_wave(source, **request_)


def test_a_location_of_ones_own_replaces_the_configured_one(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("respondent,answer\nr9,z\n")
    pull = fetch_wave(survey_source(tmp_path, ("answer",)), location=str(other))
    assert [record.key for record in pull.records] == ["r9"]


@given(
    st.lists(
        st.tuples(
            st.text(string.ascii_letters, min_size=1, max_size=3),
            st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n\ufeff@#"), max_size=6),
        ),
        max_size=6,
        unique_by=lambda pair: pair[0],
    )
)
def test_what_was_written_is_what_lands(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    import csv

    folder = tmp_path_factory.mktemp("export")
    with (folder / "w1.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("respondent", "answer"), *rows])
    pull = fetch_wave(survey_source(folder, ("answer",)))
    assert {r.key: r.payload.get("answer", "") for r in pull.records} == {k: v.strip() for k, v in rows}


def workbook(folder: Path, rows: list[list[Any]], *others: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Answers"
    for row in rows:
        sheet.append(row)
    for name in others:
        book.create_sheet(name)
    book.save(folder / "w1.xlsx")


def xlsx_source(folder: Path, **wave: Any) -> Any:
    return survey_source(folder, ("answer",), connector="xlsx", location="w1.xlsx", **wave)


def test_a_workbook_is_read_like_an_export(tmp_path: Path) -> None:
    workbook(tmp_path, [["Banner"], ["respondent", "Q", None], [None, "answer", "x"], [1.0, 3.0], [2, "b"]])
    source = xlsx_source(
        tmp_path, skip_rows=1, header_rows=2, field_pattern=r"(respondent|answer)", ignore="*"
    )
    pull = fetch_wave(source)
    assert [(r.key, r.payload["answer"]) for r in pull.records] == [("1", "3"), ("2", "b")]
    assert pull.format == "xlsx"


def test_a_workbook_of_several_sheets_needs_a_name(tmp_path: Path) -> None:
    workbook(tmp_path, [["respondent", "answer"], ["r1", "a"]], "Codes")
    with pytest.raises(UsageError, match="one of: Answers, Codes"):
        fetch_wave(xlsx_source(tmp_path))
    with pytest.raises(UsageError, match="no sheet 'Answer'"):
        fetch_wave(xlsx_source(tmp_path, sheet="Answer"))
    assert len(fetch_wave(xlsx_source(tmp_path, sheet="Answers")).records) == 1


def test_a_failed_formula_is_a_fault_and_no_answer(tmp_path: Path) -> None:
    workbook(tmp_path, [["respondent", "answer"], ["r1", "#REF!"], ["r2", "a"]])
    pull = fetch_wave(xlsx_source(tmp_path))
    assert [fault.kind for fault in pull.faults] == [FaultKind.CELL_ERROR]
    assert [record.key for record in pull.records] == ["r2"]


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w1.xlsx").write_bytes(b"PK but cut")
    with pytest.raises(ShapeError, match="no complete XLSX"):
        fetch_wave(xlsx_source(tmp_path))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        (datetime(2024, 2, 4), "2024-02-04"),  # noqa: DTZ001 (spreadsheets know no zones)
        (datetime(2024, 2, 4, 9, 30), "2024-02-04T09:30:00"),  # noqa: DTZ001
        (date(2024, 2, 4), "2024-02-04"),
        (time(9, 30), "09:30:00"),
        (" \u00a0x ", "x"),
    ],
)
def test_cells_become_text(value: object, text: str) -> None:
    assert cell_text(value) == text
