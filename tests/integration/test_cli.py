"""The command line as a person meets it: exit codes, one clear sentence, and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from dpg_warehouse.settings import Settings
from tests.environments import environment_of
from tests.pulls import product, snapshot


def dpgw(settings: Settings, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", "from dpg_warehouse.cli import main; main()", *arguments],
        env=environment_of(settings) | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_accepted_pull_exits_with_0_and_its_repeat_too(warehouse: Settings, tmp_path: Path) -> None:
    file = snapshot(tmp_path, "2024-01-31", [product(1)])
    first = dpgw(warehouse, "ingest", "dpg_registry", "--from", str(file))
    assert first.returncode == 0, first.stderr
    assert "accepted, 1 records, 1 new" in first.stdout
    again = dpgw(warehouse, "ingest", "dpg_registry", "--from", str(file))
    assert again.returncode == 0
    assert "already there" in again.stdout


def test_a_rejected_pull_exits_with_3_and_says_where_to_look(warehouse: Settings, tmp_path: Path) -> None:
    file = snapshot(tmp_path, "2024-01-31", [product(1), product(2, name="")])
    refused = dpgw(warehouse, "ingest", "dpg_registry", "--from", str(file))
    assert refused.returncode == 3
    assert "Every product must have a name" in refused.stderr
    assert "dpgw rejected 1" in refused.stderr
    why = dpgw(warehouse, "rejected", "1")
    assert why.returncode == 0
    assert "name_present" in why.stdout
    assert "load 1: dpg_registry" in dpgw(warehouse, "rejected").stdout


def test_usage_errors_exit_with_2_in_one_sentence(warehouse: Settings, tmp_path: Path) -> None:
    for arguments, sentence in [
        (("ingest", "dpg_registy"), "known are: dpg_owners_survey, dpg_registry"),
        (("ingest", "dpg_registry", "--as-of", "31.1.2024"), "write a date as YYYY-MM-DD"),
        (("ingest", "dpg_owners_survey", "--wave", "1999"), "its waves are"),
        (("backfill", "dpg_registry", "--from", str(tmp_path)), "There is no YYYY-MM-DD.json"),
        (("rejected", "99"), "There is no load 99"),
        (("run", "nothing"), "known are"),
    ]:
        said = dpgw(warehouse, *arguments)
        assert said.returncode == 2, said
        assert sentence in said.stderr
        assert "Traceback" not in said.stderr


def test_a_backfill_goes_on_after_a_file_that_cannot_be_used(warehouse: Settings, tmp_path: Path) -> None:
    for day in ("2024-01-01", "2024-01-02", "2024-01-03"):
        snapshot(tmp_path, day, [product(1)])
    wrong = {"snapshot_date": "2023-12-31", "dpgs": [product(1)]}
    (tmp_path / "2024-01-02.json").write_text(json.dumps(wrong), encoding="utf-8")
    said = dpgw(warehouse, "backfill", "dpg_registry", "--from", str(tmp_path))
    assert said.returncode == 2
    assert "3 pulls: 2 accepted, 0 already there, 1 refused." in said.stdout
    assert "dpg_registry of 2024-01-02:" in said.stderr


def test_a_wave_that_cannot_be_pulled_leaves_the_others(warehouse: Settings) -> None:
    said = dpgw(warehouse, "ingest", "dpg_owners_survey")
    assert said.returncode == 2
    assert said.stdout.count("accepted") == 2
    assert "dpg_owners_survey wave 2024:" in said.stderr
    assert "DPGW_CONN_KOBO_DEMO" in said.stderr


def test_wrong_ports_are_said_in_a_sentence(warehouse: Settings) -> None:
    said = dpgw(warehouse, "status", WAREHOUSE_URL="postgresql://u:p@h:abc/db")
    assert (said.returncode, "WAREHOUSE_URL is no URL" in said.stderr) == (2, True)
    wave = ("ingest", "dpg_owners_survey", "--wave", "2024")
    said = dpgw(warehouse, *wave, DPGW_CONN_KOBO_DEMO="https://token:hush@h:abc")
    assert (said.returncode, "DPGW_CONN_KOBO_DEMO is no URL" in said.stderr) == (2, True)
    assert "hush" not in said.stderr


def test_a_source_out_of_reach_exits_with_1(warehouse: Settings) -> None:
    said = dpgw(warehouse, "ingest", "dpg_registry", "--from", "http://127.0.0.1:9/api/dpgs")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert len(said.stderr.strip().splitlines()) <= 2


def test_a_wrong_setting_is_one_sentence(warehouse: Settings) -> None:
    said = dpgw(warehouse, "status", DPGW_MIN_BASE="ten")
    assert (said.returncode, said.stderr.strip()) == (
        2,
        "DPGW_MIN_BASE is 'ten'; set it to a whole number of at least 1.",
    )


def test_without_a_server_the_error_says_what_to_run(offline_settings: Settings) -> None:
    said = dpgw(offline_settings, "status")
    assert said.returncode == 1
    assert "run `dpgw up`" in said.stderr


def test_status_is_json_for_programs(warehouse: Settings, tmp_path: Path) -> None:
    dpgw(warehouse, "ingest", "dpg_registry", "--from", str(snapshot(tmp_path, "2024-01-31", [product(1)])))
    status = json.loads(dpgw(warehouse, "status", "--json").stdout)
    (load,) = status["loads"]
    assert (load["source_id"], load["status"], load["as_of"]) == ("dpg_registry", "accepted", "2024-01-31")
    assert status["freshness"][0]["latest_as_of"] == "2024-01-31"
    assert status["builds"] == []


def test_withdraw_and_url(warehouse: Settings, tmp_path: Path) -> None:
    dpgw(warehouse, "ingest", "dpg_registry", "--from", str(snapshot(tmp_path, "2024-01-31", [product(1)])))
    said = dpgw(warehouse, "withdraw", "1", "--reason", "a trial")
    assert said.returncode == 0
    assert "withdrawn" in said.stdout
    url = dpgw(warehouse, "url", "--role", "bi_reader").stdout.strip()
    assert url.startswith("postgresql://dpgw_bi_reader:")
    assert "\n" not in url


def test_a_source_that_wants_credentials_says_where_to_put_them(warehouse: Settings) -> None:
    said = dpgw(warehouse, "ingest", "dpg_owners_survey", "--wave", "2024")
    assert said.returncode == 2
    assert "DPGW_CONN_KOBO_DEMO" in said.stderr


def test_a_wrong_credential_is_not_repeated(warehouse: Settings) -> None:
    said = dpgw(
        warehouse, "ingest", "dpg_owners_survey", "--wave", "2024", DPGW_CONN_KOBO_DEMO="hush-hush-secret"
    )
    assert said.returncode == 2
    assert "DPGW_CONN_KOBO_DEMO is no URL with a token" in said.stderr
    assert "hush" not in said.stderr
