"""Waves on ODK Central and LimeSurvey, from their servers to gate 1's verdict on a real warehouse."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.records import Credentials, Load, LoadStatus, PullRequest, TransportError
from dpg_warehouse.settings import Settings
from tests import limesurvey_server, odk_server
from tests.limesurvey_server import SURVEY, LimeServer, response
from tests.odk_server import OdkServer, row
from tests.pulls import survey_settings
from tests.queries import everything_as_text, rows, value

ODK: dict[str, Any] = {
    "connector": "odk_central",
    "location": "7/tiny",
    "connection": "tiny",
    "respondent_key": None,
    "ignore": ["topics"],
}
LIME: dict[str, Any] = {
    "connector": "limesurvey",
    "location": str(SURVEY),
    "connection": "tiny",
    "respondent_key": "token",
    "submitted_at": "submitdate",
    "language_field": "startlanguage",
    "complete_when": {"field": "submitdate"},
    "ignore": ["Q10*"],
    "personal_data": {"drop": ["ipaddr"], "pseudonymise": ["token"]},
}


def lime_settings(warehouse: Settings, folder: Path, **wave: Any) -> Settings:
    return replace(survey_settings(warehouse, folder, **LIME | wave), pseudonym_key="k")


def ingest(settings: Settings, credentials: Credentials, *, force: bool = False) -> Load:
    source = find_source(settings.source_roots, "tiny")
    return pipeline.ingest(settings, source, PullRequest("tiny", "w1", None, None, force), credentials)


def ingest_odk(settings: Settings, told: Sequence[Any], *, force: bool = False) -> Load:
    with OdkServer(told) as server:
        credentials = Credentials(server.url, odk_server.PASSWORD, odk_server.EMAIL)
        return ingest(settings, credentials, force=force)


def ingest_lime(settings: Settings, told: Sequence[Any], stated: int | None = None, **asked: Any) -> Load:
    with LimeServer(told) as server:
        server.stated_count = stated
        credentials = Credentials(server.url, limesurvey_server.PASSWORD, limesurvey_server.USER)
        return ingest(settings, credentials, **asked)


def members(settings: Settings, load: Load) -> dict[str, Any]:
    """The landed payloads of a load by their key."""
    return dict(
        rows(
            settings,
            """
            select payloads.record_key, payloads.payload
            from landing.memberships as memberships
            cross join lateral unnest(memberships.payload_nos) as member (payload_no)
            inner join landing.payloads as payloads
                on memberships.source_id = payloads.source_id and member.payload_no = payloads.payload_no
            where memberships.load_id = :load_id and payloads.record_type = 'record'
            """,
            load_id=load.load_id,
        )
    )


def lime_response(number: int, **changes: Any) -> dict[str, Any]:
    return response(number, token=f"planted-token-{number}", ipaddr="192.0.2.7") | changes


def test_a_wave_on_odk_central_is_accepted_and_its_deletions_and_reviews_follow(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = survey_settings(warehouse, tmp_path, **ODK, frame={"count": 2})
    told = [row(1, about={"email": "planted@example.org"}), row(2), row(3)]
    refused = ingest_odk(settings, told)
    assert refused.status is LoadStatus.REJECTED
    assert "no_more_than_invited" in str(pipeline.why_refused(settings, refused.load_id))

    told[1] = row(2, system={"reviewState": "rejected"})  # counts no more
    reviewed = ingest_odk(settings, told)
    assert (reviewed.status, reviewed.expected_count, reviewed.received_count) == (LoadStatus.ACCEPTED, 3, 3)
    assert set(members(settings, reviewed)) == {"uuid:0001", "uuid:0002", "uuid:0003"}

    told[2] = row(3, system={"deletedAt": "2024-02-02T00:00:00.000Z"})
    deleted = ingest_odk(settings, told, force=True)
    assert (deleted.status, deleted.expected_count, deleted.received_count) == (LoadStatus.ACCEPTED, 2, 2)
    assert set(members(settings, deleted)) == {"uuid:0001", "uuid:0002"}
    assert ingest_odk(settings, told).load_id == deleted.load_id
    in_database = everything_as_text(settings)
    for planted in ("planted@example.org", "Planted Submitter", "imei:planted", odk_server.PASSWORD):
        assert planted not in in_database


def test_form_versions_of_odk_central_land_under_the_names_that_submissions_say(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = survey_settings(warehouse, tmp_path, **ODK)
    with OdkServer([row(1), row(2, system={"formVersion": ""})]) as server:
        server.versions.append({"version": "", "publishedAt": "2023-12-24T00:00:00.000Z"})
        load = ingest(settings, Credentials(server.url, odk_server.BARE_TOKEN))
    assert load.status is LoadStatus.ACCEPTED
    said = {payload["__version__"] for payload in members(settings, load).values()}
    landed = rows(settings, "select record_key from landing.payloads where record_type = 'form'")
    assert said == {key for (key,) in landed} == {"1", "___"}


def test_a_wave_on_limesurvey_is_accepted_with_its_incomplete_responses(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = lime_settings(warehouse, tmp_path)
    load = ingest_lime(settings, [lime_response(1), lime_response(2, submitdate="", challenge="")])
    assert (load.status, load.expected_count, load.received_count) == (LoadStatus.ACCEPTED, 2, 2)
    landed = members(settings, load)
    assert landed["1"]["submitdate"] == "2024-01-05 08:00:00"
    assert "submitdate" not in landed["2"]
    in_database = everything_as_text(settings)
    for planted in ("planted-token", "192.0.2.7", limesurvey_server.PASSWORD, "session-key"):
        assert planted not in in_database
    assert ingest_lime(settings, [lime_response(1)], force=True).status is LoadStatus.ACCEPTED


def test_fewer_responses_than_limesurvey_counts_are_rejected(warehouse: Settings, tmp_path: Path) -> None:
    settings = lime_settings(warehouse, tmp_path)
    load = ingest_lime(settings, [lime_response(n) for n in range(1, 21)], stated=24)
    assert load.status is LoadStatus.REJECTED
    assert "as_many_as_stated: 20 of 24" in str(pipeline.why_refused(settings, load.load_id))


def test_an_undeclared_column_of_limesurvey_is_named_without_its_values(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = lime_settings(warehouse, tmp_path)
    load = ingest_lime(settings, [lime_response(1, remarks="planted remark")])
    assert load.status is LoadStatus.REJECTED
    assert "every_field_declared: remarks" in str(pipeline.why_refused(settings, load.load_id))
    assert "planted remark" not in everything_as_text(settings)


def test_an_empty_wave_on_limesurvey_is_accepted_while_it_is_open(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = lime_settings(warehouse, tmp_path, closed_on=None)
    assert ingest_lime(settings, []).status is LoadStatus.ACCEPTED


@pytest.mark.parametrize("wave", [ODK, LIME], ids=["odk_central", "limesurvey"])
def test_refused_credentials_are_in_no_log_and_no_row(
    warehouse: Settings, tmp_path: Path, wave: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(survey_settings(warehouse, tmp_path, **wave), pseudonym_key="k")
    server = OdkServer([]) if wave is ODK else LimeServer([])
    with caplog.at_level(logging.DEBUG), server:
        wrong = Credentials(server.url, "planted-secret", "planted-login@example.org")
        with pytest.raises(TransportError, match="refused the credentials") as refusal:
            ingest(settings, wrong)
    status, reason = rows(settings, "select status, reason from ops.loads")[0]
    assert (status, reason) == ("failed", str(refusal.value))
    told = caplog.text + everything_as_text(settings) + str(refusal.value)
    assert "planted" not in told
    assert value(settings, "select count(*) from landing.payloads") == 0
