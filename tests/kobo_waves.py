"""A made-up survey on a local KoboToolbox server, pulled on days of a test's choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.records import Credentials, Load, LoadStatus, PullRequest
from dpg_warehouse.settings import Settings
from sample_data.kobo_server import Bodies, KoboServer
from tests.pulls import survey_settings

Json = dict[str, Any]
TOKEN = "a-token"  # noqa: S105 (a test's own)
ASSET = "aTinyAsset"
FIRST_ID = 8_040_400_000  # a number that nothing else holds
FIELDS = ("challenge", "team", "person")


def submission(number: int, challenge: str = "money", **changes: Any) -> Json:
    """A submission as the server tells it; its answers are `challenge`, `team` and `person`."""
    return {
        "_id": FIRST_ID + number,
        "challenge": challenge,
        "team": str(number),
        "person": f"planted-{number}@example.org",
        "__version__": "vFirst",
        "meta/rootUuid": f"uuid:root-{number:03}",
        "_uuid": f"saving-{number}",
        "_submission_time": f"2024-01-02T00:{number:02}:00",
        "_validation_status": {},
    } | changes


def bodies_of(submissions: list[Json]) -> Bodies:
    """What a server with these submissions tells."""
    survey = [{"type": "text", "name": name, "$xpath": name} for name in FIELDS]
    content = {"survey": survey, "choices": [], "translations": [None], "settings": {}}
    versions = [{"uid": "vFirst", "date_deployed": "2024-01-01T00:00:00Z", "content": content}]
    return Bodies({"uid": ASSET, "has_deployment": True}, versions, submissions)


@dataclass
class KoboWave:
    """Wave w1 of the survey `tiny` on a server whose submissions a test changes between pulls."""

    settings: Settings
    server: KoboServer
    monkeypatch: pytest.MonkeyPatch
    submissions: dict[int, Json] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The survey as its files describe it now."""
        return find_source(self.settings.source_roots, "tiny")

    def put(self, *submissions: Json) -> None:
        """Add submissions, or let them take the place of those of their number."""
        self.submissions |= {one["_id"] - FIRST_ID: one for one in submissions}

    def pull(self, day: str, **request: Any) -> Load:
        """Pull the wave as the server tells it on that day."""
        self.server.bodies = bodies_of(list(self.submissions.values()))
        self.monkeypatch.setattr("dpg_warehouse.pipeline.loading.today", lambda: date.fromisoformat(day))
        asked = replace(PullRequest("tiny", "w1", None, None), **request)
        return pipeline.ingest(self.settings, self.source, asked, Credentials(self.server.url, TOKEN))

    def accept(self, day: str, **request: Any) -> Load:
        """Pull, and see the load accepted."""
        load = self.pull(day, **request)
        assert load.status is LoadStatus.ACCEPTED, load.reason
        return load


@contextmanager
def kobo_wave(
    warehouse: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, **wave: Any
) -> Iterator[KoboWave]:
    """Serve the wave, with respondents linked by a pseudonym of `person`."""
    described = {
        "connector": "kobotoolbox",
        "location": ASSET,
        "connection": "kobo_demo",
        "respondent_key": None,
        "exported_on": None,
        "link_field": "person",
        "personal_data": {"pseudonymise": ["person"]},
    }
    settings = survey_settings(warehouse, folder, **(described | wave))
    with KoboServer(bodies_of([]), TOKEN) as server:
        yield KoboWave(replace(settings, pseudonym_key="a key of this test"), server, monkeypatch)
