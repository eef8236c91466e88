"""Upkeep deletes what is old and nothing else."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dpg_warehouse.maintenance import delete_old_data_docs, delete_old_files

NOW = datetime(2024, 6, 30, tzinfo=UTC)
MONTH_AGO = NOW - timedelta(days=30)


def written(path: Path, days_ago: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("line")
    when = (NOW - timedelta(days=days_ago)).timestamp()
    os.utime(path, (when, when))
    return path


def test_old_logs_go_and_young_ones_stay(tmp_path: Path) -> None:
    old = written(tmp_path / "dag_id=a" / "run_id=1" / "attempt=1.log", 31)
    young = written(tmp_path / "dag_id=a" / "run_id=2" / "attempt=1.log", 29)
    assert delete_old_files(tmp_path, MONTH_AGO) == 1
    assert not old.parent.exists()
    assert young.exists()


def test_the_folder_itself_stays_even_when_it_is_empty(tmp_path: Path) -> None:
    written(tmp_path / "dbt.log", 100)
    delete_old_files(tmp_path, MONTH_AGO)
    assert tmp_path.is_dir()


def test_what_a_link_points_at_elsewhere_is_left_alone(tmp_path: Path) -> None:
    elsewhere = written(tmp_path / "elsewhere" / "kept.log", 100)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "latest").symlink_to(elsewhere.parent, target_is_directory=True)
    assert delete_old_files(logs, MONTH_AGO) == 0
    assert elsewhere.exists()
    assert (logs / "latest").is_symlink()


def test_a_link_to_what_was_deleted_goes_too(tmp_path: Path) -> None:
    old = written(tmp_path / "2024-01-01" / "scheduler.log", 100)
    (tmp_path / "latest").symlink_to(old.parent, target_is_directory=True)
    delete_old_files(tmp_path, MONTH_AGO)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_no_fault(tmp_path: Path) -> None:
    assert delete_old_files(tmp_path / "logs", MONTH_AGO) == 0
    assert delete_old_data_docs(tmp_path / "data_docs", MONTH_AGO) == 0


def docs_of(folder: Path, run: int, days_ago: int) -> Path:
    page = written(folder / str(run) / "index.html", days_ago)
    os.utime(page.parent, (page.stat().st_mtime, page.stat().st_mtime))
    return page.parent


def test_each_suite_s_last_data_docs_stay_however_old(tmp_path: Path) -> None:
    runs = [docs_of(tmp_path / "dpg_registry", run, 100) for run in (2, 9, 10)]
    shared = written(tmp_path / "static" / "styles.css", 100)
    assert delete_old_data_docs(tmp_path, MONTH_AGO) == 2
    assert [run.name for run in runs if run.exists()] == ["10"]
    assert shared.exists()


def test_young_data_docs_stay(tmp_path: Path) -> None:
    young, last = docs_of(tmp_path / "marts", 1, 3), docs_of(tmp_path / "marts", 2, 1)
    assert delete_old_data_docs(tmp_path, MONTH_AGO) == 0
    assert young.exists()
    assert last.exists()
