from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dpg_warehouse.connectors import dated_files
from dpg_warehouse.connectors.locations import shown
from dpg_warehouse.records import UsageError
from tests.pulls import product
from tests.unit.connectors.builders import fetch_registry, write_json

DAYS = ("2024-01-31", "2024-02-29", "2024-03-31")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for day in DAYS:
        write_json(tmp_path / "snapshots" / f"{day}.json", [product(1)])
    (tmp_path / "snapshots" / "notes.txt").write_text("no snapshot")
    return tmp_path


def test_a_folder_gives_the_file_of_the_date_asked_for(folder: Path) -> None:
    assert fetch_registry(folder, as_of=date(2024, 2, 29)).as_of == date(2024, 2, 29)


def test_a_folder_gives_its_newest_file_where_no_date_is_asked_for(folder: Path) -> None:
    assert fetch_registry(folder).as_of == date(2024, 3, 31)


def test_a_missing_date_names_its_neighbours(folder: Path) -> None:
    with pytest.raises(UsageError, match="2024-01-31 and 2024-02-29"):
        fetch_registry(folder, as_of=date(2024, 2, 1))


def test_dated_files_are_the_window_in_order(folder: Path) -> None:
    found = dated_files(folder / "snapshots", since=date(2024, 2, 1), until=date(2024, 3, 31))
    assert [str(day) for day, _ in found] == ["2024-02-29", "2024-03-31"]


def test_two_files_of_one_date_are_refused(folder: Path) -> None:
    write_json(folder / "snapshots" / "2024-03-31.json.gz", [product(2)])
    with pytest.raises(UsageError, match="one file a date"):
        dated_files(folder / "snapshots")


def test_a_name_that_is_no_date_is_refused(folder: Path) -> None:
    write_json(folder / "snapshots" / "2024-02-31.json", [])
    with pytest.raises(UsageError, match="no date"):
        dated_files(folder / "snapshots")


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    with pytest.raises(UsageError, match="no file named"):
        fetch_registry(tmp_path)
    with pytest.raises(UsageError, match="no registry snapshot"):
        fetch_registry(tmp_path, str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="no folder"):
        dated_files(tmp_path / "nowhere")


def test_dates_that_contradict_each_other_are_refused(folder: Path) -> None:
    file = folder / "snapshots" / "2024-03-31.json"
    with pytest.raises(UsageError, match="--as-of says 2024-01-31, its file name says 2024-03-31"):
        fetch_registry(folder, str(file), as_of=date(2024, 1, 31))
    write_json(file, {"dpgs": [product(1)], "snapshot_date": "2024-03-30"})
    with pytest.raises(UsageError, match="the document says 2024-03-30"):
        fetch_registry(folder, str(file))


def test_an_undated_file_takes_the_date_asked_for_or_the_documents_own(tmp_path: Path) -> None:
    file = write_json(tmp_path / "export.json", [product(1)])
    assert fetch_registry(tmp_path, str(file), as_of=date(2024, 5, 1)).as_of == date(2024, 5, 1)
    with pytest.raises(UsageError, match="--as-of"):
        fetch_registry(tmp_path, str(file))
    write_json(file, {"dpgs": [product(1)], "snapshot_date": "2024-03-30"})
    assert fetch_registry(tmp_path, str(file)).as_of == date(2024, 3, 30)


def test_a_date_in_the_future_is_refused(tmp_path: Path) -> None:
    file = write_json(tmp_path / "2999-01-01.json", [product(1)])
    with pytest.raises(UsageError, match="after today"):
        fetch_registry(tmp_path, str(file))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "registry.csv"
    file.write_text("id,name\n")
    with pytest.raises(UsageError, match=r"neither a \.json"):
        fetch_registry(tmp_path, str(file))


def test_an_address_is_shown_without_login_and_query() -> None:
    assert shown("https://user:word@example.org:81/api?token=x") == "https://example.org:81/api"
    assert shown("sample/2024-01-31.json") == "sample/2024-01-31.json"
