"""A refused load says why, and what BI tools see doesn't change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.records import Credentials, Load, LoadStatus, PullRequest
from sample_data.kobo_server import Bodies, Handler, KoboServer
from tests.faults.conftest import ANSWERS, HEADER, Published
from tests.pulls import ingest_answers, ingest_snapshot, product, snapshot, survey_settings
from tests.queries import marts_rows, value


def broken_record(published: Published, folder: Path) -> Load:
    products = [product(1), product(2), product(3, name="")]
    return ingest_snapshot(published.settings, snapshot(folder, "2024-01-04", products))


def duplicate_key(published: Published, folder: Path) -> Load:
    products = [product(1), product(2), product(2, website="https://twin.example.org")]
    return ingest_snapshot(published.settings, snapshot(folder, "2024-01-05", products))


def unknown_shape(published: Published, folder: Path) -> Load:
    products = [{"dpgId": "GID1", "slug": "product-1", "status": "listed"}]
    return ingest_snapshot(published.settings, snapshot(folder, "2024-01-06", products))


def unmapped_option(published: Published, _folder: Path) -> Load:
    return ingest_answers(published.settings, [*ANSWERS, "r99,p@example.org,fame,1"], HEADER, force=True)


def twenty_rows_short(published: Published, folder: Path) -> Load:
    """A KoboToolbox server that states 120 submissions and sends 100."""
    wave = {"connector": "kobotoolbox", "location": "aTiny", "connection": "tiny", "respondent_key": None}
    settings = survey_settings(published.settings, folder, **wave)
    source = find_source(settings.source_roots, "tiny")
    with KoboServer(_form(), "a-token", hook=_state_120) as server:
        credentials = Credentials(server.url, "a-token")
        return pipeline.ingest(settings, source, PullRequest("tiny", "w1", None, None), credentials)


def _form() -> Bodies:
    survey = [{"type": "text", "name": name, "$xpath": name} for name in ("challenge", "team", "email")]
    content = {"survey": survey, "choices": [], "translations": [None], "settings": {}}
    version = {"uid": "vFirst", "date_deployed": "2024-01-01T00:00:00Z", "content": content}
    asset = {"uid": "aTiny", "has_deployment": True, "content": content, "version_id": "vFirst"}
    return Bodies(asset, [version], [])


def _state_120(handler: Handler) -> bool:
    if "/data" not in handler.path:
        return False
    rows: list[dict[str, Any]] = [
        {"_id": n, "meta/rootUuid": f"uuid:{n}", "challenge": "money", "team": "2", "__version__": "vFirst"}
        for n in range(100)
    ]
    handler.send_json(200, {"count": 120, "next": None, "previous": None, "results": rows})
    return True


REFUSED = [
    (twenty_rows_short, "as many records as it states. [as_many_as_stated: 100 of 120]"),
    (broken_record, "Every product must have a name. [name_present: 3]"),
    (duplicate_key, "No two records may have the same key. [no_duplicate_key: 2]"),
    (unknown_shape, "expected organizations: found in 0 of 1 records"),
    (unmapped_option, "every_code_mapped: challenge = fame"),
]


def test_refused_loads_say_why_and_change_nothing_for_readers(published: Published, tmp_path: Path) -> None:
    """One build follows all of them, since a build is what would let a refused load through."""
    refused = []
    for number, (pull, reason) in enumerate(REFUSED):
        load = pull(published, tmp_path / str(number))
        assert load.status is LoadStatus.REJECTED, pull.__name__
        assert reason in str(pipeline.why_refused(published.settings, load.load_id))
        refused.append(load.load_id)

    outcome = pipeline.build(published.settings)
    assert outcome.status == "published"
    assert marts_rows(published.settings) == published.marts
    inputs = "select count(*) from ops.build_inputs where load_id = any(:refused)"
    assert value(published.settings, inputs, refused=refused) == 0
