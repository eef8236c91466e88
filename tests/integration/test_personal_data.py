"""Personal data: dropped or pseudonymised before anything is stored, under one key for good."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dpg_warehouse.configuration import ConfigurationError
from dpg_warehouse.records import LoadStatus, UsageError
from dpg_warehouse.settings import Settings
from tests.pulls import ingest_answers, survey_settings
from tests.queries import everything_as_text, rows

HEADER = "respondent,email,challenge,team"
ROWS = [f"planted-{n}@example.org,second-{n}@example.org,money,{n}" for n in range(1, 4)]
PSEUDONYMISED = {"personal_data": {"drop": ["email"], "pseudonymise": ["respondent"]}}


def keyed(settings: Settings, key: str) -> Settings:
    return replace(settings, pseudonym_key=key)


def test_a_pseudonymised_key_is_the_same_in_every_pull_and_the_person_is_nowhere(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = keyed(survey_settings(warehouse, tmp_path, **PSEUDONYMISED), "a key of this test")
    first = ingest_answers(settings, ROWS, HEADER)
    assert first.status is LoadStatus.ACCEPTED
    changed = [row.replace("money", "licence") for row in ROWS]
    ingest_answers(settings, changed, HEADER, force=True)
    keys = rows(settings, "select record_key, count(*) from landing.payloads group by 1")
    assert sorted(count for _, count in keys) == [2, 2, 2]
    assert all(key.startswith("p_") for key, _ in keys)
    stored = everything_as_text(settings)
    assert "planted" not in stored
    assert "second-" not in stored
    assert "a key of this test" not in stored


def test_another_key_is_refused_before_anything_is_pulled(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path, **PSEUDONYMISED)
    ingest_answers(keyed(settings, "the first key"), ROWS, HEADER)
    with pytest.raises(UsageError, match="not the key that made the stored pseudonyms"):
        ingest_answers(keyed(settings, "another key"), ROWS, HEADER)
    assert rows(settings, "select count(*) from ops.loads") == [(1,)]


def test_without_a_key_nothing_is_pseudonymised_or_stored(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path, **PSEUDONYMISED)
    with pytest.raises(UsageError, match="DPGW_PSEUDONYM_KEY"):
        ingest_answers(settings, ROWS, HEADER)
    assert rows(settings, "select count(*) from landing.payloads") == [(0,)]


def test_a_typo_in_a_rule_about_personal_data_is_an_error(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path, personal_data={"dropp": ["email"]})
    with pytest.raises(ConfigurationError, match="dropp"):
        ingest_answers(settings, ROWS, HEADER)
