"""Forgetting a respondent: nothing of them stays anywhere, and no later pull brings them back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dpg_warehouse import pipeline
from dpg_warehouse.cli.main import app
from dpg_warehouse.configuration import find_source
from dpg_warehouse.database import Role
from dpg_warehouse.records import LoadStatus, UsageError
from dpg_warehouse.settings import Settings
from tests.environments import environment_of
from tests.kobo_waves import KoboWave, kobo_wave, submission
from tests.pulls import ingest_answers, ingest_snapshot, product, registry, snapshot, survey_settings
from tests.queries import everything_as_text, rows, value

KEY = "uuid:root-003"
SAVINGS = ("root-003", "saving-3", "8040400003")
HEADER = "respondent,challenge,team,email"
LEDGER = "select received_count, forgotten_count, status from ops.loads order by load_id"


@pytest.fixture
def wave(warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KoboWave]:
    with kobo_wave(warehouse, tmp_path, monkeypatch) as served:
        served.put(*(submission(n) for n in range(1, 6)))
        yield served


def traces(settings: Settings, *words: str) -> list[str]:
    """Which of the words stand in any row of the database or any file of the installation."""
    texts = [everything_as_text(settings)]
    files = [file for file in settings.home.rglob("*") if file.is_file() and file.name != "logins.json"]
    texts += [file.read_bytes().decode("utf-8", "replace") for file in files]
    return [word for word in words if any(word in text for text in texts)]


def forget(wave: KoboWave, key: str = KEY) -> pipeline.Forgotten:
    return pipeline.forget(wave.settings, wave.source, key)


def corrected(wave: KoboWave, *lines: str) -> None:
    header = "wave_id,record_key,action,field,expected,value,reason"
    (wave.source.folder / "corrections.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def test_nothing_of_the_respondent_stays_anywhere(wave: KoboWave) -> None:
    """Neither in payloads, faults, verdicts, reasons, stored files, tables of builds, nor on disk."""
    settings = wave.settings
    corrected(
        wave,
        f"w1,{KEY},set,team,3,4,A slip of the pen.",
        "w1,uuid:root-004,exclude,,,,The same person as root-003.",
    )
    wave.accept("2024-02-05")
    pipeline.build(settings)
    pipeline.build(settings, as_of=wave.accept("2024-02-05").as_of)
    wave.put(submission(3, "a strange choice"), submission(5, __version__="vUnknown"))
    corrected(wave)
    refused = wave.pull("2024-02-06")
    assert refused.status is LoadStatus.REJECTED
    assert traces(settings, *SAVINGS) == list(SAVINGS)
    released = "select count(*) > 0 from ops.release_answers where response_id = :key"
    assert value(settings, released, key=KEY)

    forgotten = forget(wave)
    assert traces(settings, *SAVINGS) == []
    assert traces(settings, "root-004", "root-005") == ["root-004", "root-005"]
    assert forgotten.erasure.payload_count == 2
    assert forgotten.erasure.configuration_count == 2
    assert len(forgotten.schemas) == 3
    assert rows(settings, LEDGER) == [(5, 1, "accepted"), (5, 1, "rejected")]
    outcome = pipeline.build(settings)
    assert outcome.status == "published", outcome.reason
    assert traces(settings, *SAVINGS) == []


def test_a_verdict_no_longer_names_the_respondent(wave: KoboWave) -> None:
    wave.put(submission(3, __version__="vUnknown"), submission(4, __version__="vUnknown"))
    wave.accept("2024-02-05")
    examples = "select example_keys from ops.validation_results where rule = 'form_version_delivered'"
    assert rows(wave.settings, examples) == [(["uuid:root-003", "uuid:root-004"],)]
    assert forget(wave).erasure.verdict_count == 1
    assert rows(wave.settings, examples) == [(["(forgotten)", "uuid:root-004"],)]


def test_a_later_pull_leaves_the_respondent_out_and_counts_them(wave: KoboWave) -> None:
    first = wave.accept("2024-02-05")
    forget(wave)
    same = wave.accept("2024-02-05")
    assert (same.load_id, same.newly_accepted) == (first.load_id, False)
    wave.put(submission(3, "licence", _uuid="saving-3-b"), submission(6))
    later = wave.accept("2024-02-06")
    assert (later.received_count, later.forgotten_count) == (6, 1)
    assert traces(wave.settings, *SAVINGS) == []
    assert value(wave.settings, "select sum(cardinality(payload_nos)) from landing.memberships") == 4 + 5


def test_another_answer_under_the_same_link_goes_too_and_none_comes_back(wave: KoboWave) -> None:
    again = {"person": "planted-3@example.org"}
    wave.put(submission(8, **again))
    wave.accept("2024-02-05")
    assert forget(wave, "planted-3@example.org").erasure.payload_count == 2
    wave.put(submission(9, **again))
    assert wave.accept("2024-02-06").forgotten_count == 3


def test_a_submission_that_lost_its_root_uuid_is_still_left_out(wave: KoboWave) -> None:
    wave.accept("2024-02-05")
    forget(wave, "8040400003")
    old = {k: v for k, v in submission(3).items() if k not in ("meta/rootUuid", "person")}
    wave.put(old)
    assert wave.accept("2024-02-06").forgotten_count == 1


def test_forgetting_twice_erases_nothing_more(wave: KoboWave) -> None:
    wave.accept("2024-02-05")
    first, second = forget(wave), forget(wave)
    assert (first.erasure.payload_count, second.erasure.payload_count) == (1, 0)
    assert second.emptied_table_count == 0
    assert rows(wave.settings, LEDGER) == [(5, 1, "accepted")]


def test_an_unknown_key_is_kept_out_of_pulls_to_come(wave: KoboWave) -> None:
    assert not pipeline.find_respondent(wave.settings, wave.source, KEY).respondent.is_known
    assert forget(wave, "root-003").erasure.payload_count == 0
    assert wave.accept("2024-02-05").forgotten_count == 1
    assert traces(wave.settings, *SAVINGS) == []


def test_faults_of_the_respondent_go_and_their_load_stays_the_same(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = survey_settings(warehouse, tmp_path)
    answers = ["r1,money,1,", "r2,money,2,", "r2,licence,2,", "r3,money,#REF!,"]
    refused = ingest_answers(settings, answers, HEADER)
    source = find_source(settings.source_roots, "tiny")
    erasure = pipeline.forget(settings, source, "r2").erasure
    assert (erasure.payload_count, erasure.fault_count) == (0, 2)
    assert rows(settings, "select kind from landing.faults") == [("cell_error",)]
    again = ingest_answers(settings, answers, HEADER)
    assert again.load_id == refused.load_id
    assert "no_duplicate_key" not in (again.reason or "")
    assert "no_cell_error" in (again.reason or "")


def test_a_record_of_the_registry_is_forgotten_too(warehouse: Settings, tmp_path: Path) -> None:
    file = snapshot(tmp_path, "2024-01-31", [product(4711), product(2)])
    first = ingest_snapshot(warehouse, file)
    assert pipeline.forget(warehouse, registry(warehouse), "4711").erasure.payload_count == 1
    assert traces(warehouse, "4711") == []
    assert ingest_snapshot(warehouse, file).load_id == first.load_id


def test_a_file_that_still_names_the_respondent_brings_nothing_back(wave: KoboWave) -> None:
    wave.accept("2024-02-05")
    corrected(wave, f"w1,{KEY},exclude,,,,Answered twice.", "w1,uuid:root-004,exclude,,,,See root-003.")
    found = pipeline.find_respondent(wave.settings, wave.source, KEY)
    assert found.naming_rows == ("corrections.csv, row 1", "corrections.csv, row 2")
    forget(wave)
    outcome = pipeline.build(wave.settings)
    assert outcome.status == "published", outcome.reason
    assert traces(wave.settings, *SAVINGS) == []


def test_tombstones_hold_no_key(wave: KoboWave) -> None:
    forget(wave)
    stored = json.dumps(rows(wave.settings, "select t::text from ops.tombstones as t"))
    assert "root" not in stored
    lengths = rows(wave.settings, "select distinct length(identifier_hash) from ops.tombstones")
    assert lengths == [(32,)]


def run(wave: KoboWave, *arguments: str, **asked: Any) -> Any:
    environment = environment_of(wave.settings) | {"DPGW_PSEUDONYM_KEY": "a key of this test"}
    return CliRunner().invoke(app, ["forget", "tiny", *arguments], env=environment, **asked)


def test_the_command_says_what_it_found_and_erases_only_when_told(wave: KoboWave) -> None:
    wave.accept("2024-02-05")
    unasked = run(wave, KEY)
    assert isinstance(unasked.exception, UsageError)
    assert "--yes" in str(unasked.exception)
    assert value(wave.settings, "select count(*) from landing.payloads where record_type = 'record'") == 5
    told = run(wave, KEY, "--yes")
    assert told.exit_code == 0, told.output
    assert "1 stored versions in wave w1, in 1 loads." in told.output
    assert "Erased 1 stored versions" in told.output
    assert KEY not in told.output
    unknown = run(wave, "nobody", "--yes")
    assert "holds nothing under this key" in unknown.output


def test_without_the_pseudonyms_key_a_linked_respondent_cannot_be_found(wave: KoboWave) -> None:
    from dataclasses import replace

    with pytest.raises(UsageError, match="DPGW_PSEUDONYM_KEY"):
        pipeline.forget(replace(wave.settings, pseudonym_key=None), wave.source, KEY)


def test_readers_of_marts_may_not_see_tombstones(wave: KoboWave) -> None:
    may_read = "select has_table_privilege('dpgw_bi_reader', 'ops.tombstones', 'select')"
    assert rows(wave.settings, may_read, Role.LOADER) == [(False,)]
