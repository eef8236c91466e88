"""What gate 1 says of answers that the ledger would have to order, or that name an unknown form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.records import LoadStatus
from dpg_warehouse.settings import Settings
from tests.kobo_waves import KoboWave, kobo_wave, submission


@pytest.fixture
def wave(warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KoboWave]:
    """Two were invited, and two answered."""
    with kobo_wave(warehouse, tmp_path, monkeypatch, frame={"count": 2}) as served:
        served.put(submission(1), submission(2))
        yield served


def warnings(wave: KoboWave, load_id: int) -> dict[str, list[str]]:
    rules = pipeline.why_refused(wave.settings, load_id)["rules"]
    return {rule["rule"]: rule["example_keys"] for rule in rules}


def test_several_answers_of_one_respondent_are_held_against_the_invited_as_one(wave: KoboWave) -> None:
    wave.put(submission(3, person="planted-1@example.org"))
    wave.accept("2024-02-05")
    wave.put(submission(4))
    refused = wave.pull("2024-02-06")
    assert refused.status is LoadStatus.REJECTED
    assert "no_more_than_invited: 3 of 2" in (refused.reason or "")


def test_a_form_version_that_the_pull_did_not_deliver_is_a_warning(wave: KoboWave) -> None:
    wave.put(submission(2, __version__="vUnknown"))
    load = wave.accept("2024-02-05")
    assert warnings(wave, load.load_id) == {"form_version_delivered": ["uuid:root-002"]}


def test_a_moment_that_cannot_be_ordered_is_a_warning_where_respondents_are_linked(wave: KoboWave) -> None:
    wave.put(submission(2, _submission_time="04/05/2024 10:00"))
    load = wave.accept("2024-02-05")
    assert warnings(wave, load.load_id) == {"moment_readable": ["uuid:root-002"]}
