from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dpg_warehouse.configuration import Source
from dpg_warehouse.records import Credentials, FaultKind, Pull, ShapeError, TransportError, UsageError
from sample_data.kobo_server import Bodies, Handler, Hook, KoboServer
from tests.unit.connectors.builders import (
    QUICK,
    TODAY,
    every_received_is_told,
    faults_of,
    fetch_wave,
    personal_data,
    survey_source,
)

Json = dict[str, Any]
TOKEN = "a-token"  # noqa: S105 (a test's own)
ASSET = "aTinyAsset"
SURVEY = [
    {"type": "start", "name": "start", "$xpath": "start"},
    {"type": "begin_group", "name": "about"},
    {"type": "text", "name": "answer"},
    {"type": "text", "name": "email"},
    {"type": "end_group"},
    {"type": "begin_repeat", "name": "people"},
    {"type": "text", "name": "person"},
    {"type": "end_repeat"},
    {"type": "select_one", "name": "why", "_or_other": True},
]


def submission(number: int, **answers: Any) -> Json:
    return {
        "_id": number,
        "formhub/uuid": "f",
        "start": "2024-01-01T00:00:00.000+00:00",
        "about/answer": f" yes {number} ",
        "__version__": "vSecond",
        "meta/instanceID": f"uuid:edit-{number}",
        "meta/rootUuid": f"uuid:{number}",
        "_uuid": f"edit-{number}",
        "_attachments": [{"download_url": "signed"}],
        "_geolocation": [None, None],
        "_submission_time": "2024-01-01T00:00:01",
        "_submitted_by": "planted_login",
        "_validation_status": {},
    } | answers


def bodies(submissions: list[Json], survey: list[Json] | None = None) -> Bodies:
    content: Json = {
        "survey": survey or SURVEY,
        "choices": [],
        "translations": [None],
        "settings": {},
        "schema": "1",
    }
    versions: list[Json] = [
        {"uid": "vSecond", "date_deployed": "2024-01-02T00:00:00Z", "content": content, "url": "u"},
        {"uid": "vDraft", "date_deployed": False, "content": content, "url": "u"},
        {"uid": "vFirst", "date_deployed": "2024-01-01T00:00:00Z", "content": content, "url": "u"},
    ]
    asset = {"uid": ASSET, "has_deployment": True, "owner__username": "planted_login"}
    return Bodies(asset, versions, submissions)


def kobo_source(fields: tuple[str, ...] = ("about/answer",), **wave: Any) -> Source:
    described = {
        "connector": "kobotoolbox",
        "location": ASSET,
        "connection": "kobo_demo",
        "respondent_key": None,
    }
    return survey_source(Path(), fields, **(described | wave))


@contextmanager
def serving(submissions: list[Json], hook: Hook | None = None, **told: Any) -> Iterator[KoboServer]:
    with KoboServer(bodies(submissions, **told), TOKEN, hook=hook) as server:
        yield server


def fetch_from(server: KoboServer, source: Source | None = None, **asked: Any) -> Pull:
    return fetch_wave(source or kobo_source(), Credentials(server.url, TOKEN), **asked)


def start_of(handler: Handler) -> int | None:
    """The first row that a request for data asks for; None for other requests."""
    parts = urlsplit(handler.path)
    return int(parse_qs(parts.query)["start"][0]) if parts.path.endswith("/data/") else None


def test_a_wave_is_read_with_its_deployed_forms() -> None:
    with serving([submission(1), submission(2)]) as server:
        pull = fetch_from(server)
    assert (pull.format, pull.as_of, pull.is_live) == ("kobotoolbox_v2", TODAY, True)
    assert pull.expected_count == pull.received_count == len(pull.records) == 2
    assert pull.faults == ()
    assert [form.key for form in pull.forms] == ["vFirst", "vSecond"]
    assert set(pull.forms[0].payload) == {"uid", "date_deployed", "content"}
    assert set(pull.forms[0].payload["content"]) == {"survey", "choices", "translations", "settings"}


def test_a_submission_lands_as_declared_fields_and_five_of_the_servers_own() -> None:
    status = {"uid": "validation_status_approved", "by_whom": "planted_login", "label": "Approved"}
    with serving([submission(1, _validation_status=status)]) as server:
        (record,) = fetch_from(server).records
    assert record.key == "uuid:1"
    assert record.payload == {
        "_id": "1",
        "_submission_time": "2024-01-01T00:00:01",
        "__version__": "vSecond",
        "_uuid": "edit-1",
        "_validation_status": "validation_status_approved",
        "about/answer": "yes 1",
    }


def test_an_old_submission_without_root_uuid_is_keyed_by_its_id() -> None:
    old = {key: value for key, value in submission(7).items() if key != "meta/rootUuid"}
    with serving([old]) as server:
        assert [record.key for record in fetch_from(server).records] == ["7"]


def test_pages_are_read_to_the_end_whatever_host_their_links_name() -> None:
    with serving([submission(n) for n in range(2500)]) as server:
        pull = fetch_from(server)
    assert len(pull.records) == pull.expected_count == 2500
    assert sum("/data/" in request for request in server.requests) == 3
    assert {record.payload["_id"] for record in pull.records} == {str(n) for n in range(2500)}


def test_a_field_may_be_declared_without_its_group() -> None:
    with serving([submission(1)]) as server:
        pull = fetch_from(server, kobo_source(("answer",)))
    assert pull.faults == ()
    assert pull.records[0].payload["answer"] == "yes 1"


def test_a_name_that_two_groups_share_needs_its_group() -> None:
    survey = [*SURVEY, {"type": "begin_group", "name": "b"}, {"type": "text", "name": "answer"}]
    with (
        serving([submission(1)], survey=survey) as server,
        pytest.raises(ShapeError, match="declare them with their group"),
    ):
        fetch_from(server, kobo_source(("answer",)))


def test_an_undeclared_field_is_named_once_and_does_not_land() -> None:
    rows = [submission(n, why="planted", why_other="planted") for n in range(3)]
    with serving(rows) as server:
        pull = fetch_from(server)
        ignoring = fetch_from(server, kobo_source(ignore=("why*",)))
    assert [f.detail for f in faults_of(pull, FaultKind.UNDECLARED_FIELD)] == ["why", "why_other"]
    assert ignoring.faults == ()
    assert "planted" not in json.dumps([r.payload for r in (*pull.records, *ignoring.records)])


def test_a_declared_field_that_no_version_offers_is_named() -> None:
    with serving([submission(1)]) as server:
        pull = fetch_from(server, kobo_source(("about/answer", "about/gone", "why_other", "start")))
    assert [f.detail for f in faults_of(pull, FaultKind.MISSING_FIELD)] == ["about/gone"]
    assert pull.records[0].payload["start"].startswith("2024")


def test_repeats_land_only_where_declared() -> None:
    people = [{"people/person": "planted"}]
    with serving([submission(1, people=people)]) as server:
        undeclared = fetch_from(server)
        declared = fetch_from(server, kobo_source(("about/answer", "people")))
    assert [f.detail for f in undeclared.faults] == ["people"]
    assert declared.records[0].payload["people"] == people


@pytest.mark.parametrize("field", ["people/person", "person"])
def test_of_a_repeats_entries_the_declared_fields_land(field: str) -> None:
    people = [{"people/person": "one", "people/age": "planted"}, {"people/age": "planted"}]
    with serving([submission(1, people=people)]) as server:
        pull = fetch_from(server, kobo_source(("about/answer", field)))
        ignoring = fetch_from(server, kobo_source(("about/answer", field), ignore=("age",)))
    assert [f.detail for f in pull.faults] == ["people/age"]
    assert ignoring.faults == ()
    assert pull.records[0].payload["people"] == [{field: "one"}]
    assert "planted" not in repr(pull.records)


def test_personal_data_of_a_repeats_entries_stay_away() -> None:
    rows = [submission(1, people=[{"people/person": "planted@example.org"}])]
    dropping = personal_data(drop=("people[].people/person",))
    naming = personal_data(pseudonymise=("person",))
    with serving(rows) as server:
        without = fetch_from(server, kobo_source(("about/answer", "person"), personal_data=dropping))
        named = fetch_from(server, kobo_source(("about/answer", "person"), personal_data=naming), key="k")
    assert without.records[0].payload["people"] == [{}]
    assert named.records[0].payload["people"][0]["person"].startswith("p_")
    assert "planted" not in repr((without, named))


def test_personal_data_are_in_no_part_of_a_pull() -> None:
    rows = [submission(1, **{"about/email": "planted@example.org", "people": [{"people/person": "planted"}]})]
    rules = personal_data(drop=("email", "people[].people/person"))
    with serving(rows) as server:
        pull = fetch_from(server, kobo_source(("about/answer", "people"), personal_data=rules))
    assert pull.faults == ()
    assert "planted" not in repr(pull)


def test_a_pseudonym_stands_for_a_field_that_is_declared_by_its_short_name() -> None:
    rules = personal_data(pseudonymise=("about/email",))
    with serving([submission(1, **{"about/email": "planted@example.org"})]) as server:
        pull = fetch_from(server, kobo_source(("about/answer", "email"), personal_data=rules), key="k")
    assert pull.records[0].payload["email"].startswith("p_")
    assert "planted@" not in repr(pull)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("text", FaultKind.NOT_AN_OBJECT),
        (submission(9, **{"about/answer": "nul \x00"}), FaultKind.UNSTORABLE),
        (submission(9, **{"meta/rootUuid": "half \ud800"}), FaultKind.UNSTORABLE),
        (submission(1), FaultKind.DUPLICATE_KEY),
        ({"about/answer": "nobody's"}, FaultKind.NO_KEY),
    ],
)
def test_a_faulty_submission_is_told_and_the_others_stay(row: Any, kind: FaultKind) -> None:
    def send_escaped(handler: Handler) -> bool:
        if start_of(handler) is None:
            return False
        raw = json.dumps({"count": 2, "next": None, "results": [submission(1), row]}).encode()
        send_bytes(handler, raw)
        return True

    with serving([], send_escaped) as server:
        pull = fetch_from(server)
    (fault,) = [fault for fault in pull.faults if fault.kind.is_about_record]
    assert (fault.kind, fault.position) == (kind, 2)
    assert len(pull.records) == 1
    assert every_received_is_told(pull)


def send_bytes(handler: Handler, raw: bytes, length: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(raw) if length is None else length))
    handler.end_headers()
    handler.wfile.write(raw)


def once(fault: Callable[[Handler], None], at_start: int = 1000) -> Hook:
    """A hook that does something else with the first request for the page at `at_start`."""
    done: list[int] = []

    def hook(handler: Handler) -> bool:
        if start_of(handler) != at_start or done:
            return False
        done.append(1)
        fault(handler)
        return True

    return hook


def cut_body(handler: Handler) -> None:
    send_bytes(handler, b'{"count": 1500, "results": [', length=1000)
    handler.close_connection = True


def drop_connection(handler: Handler) -> None:
    handler.close_connection = True


@pytest.mark.parametrize(
    "fault",
    [
        lambda handler: handler.send_json(500, {}),
        lambda handler: handler.send_json(429, {}, {"Retry-After": "0"}),
        lambda handler: send_bytes(handler, b"<html>restarting</html>"),
        cut_body,
        drop_connection,
    ],
)
def test_a_page_that_fails_half_way_is_read_again(fault: Callable[[Handler], None]) -> None:
    with serving([submission(n) for n in range(1500)], once(fault)) as server:
        pull = fetch_from(server)
    assert len(pull.records) == pull.expected_count == 1500


def test_a_server_that_restarts_between_pages_is_waited_for() -> None:
    told = bodies([submission(n) for n in range(1500)])
    is_going_down = threading.Event()
    is_done = threading.Event()

    def go_down(handler: Handler) -> bool:
        if start_of(handler) == 1000:
            handler.close_connection = True
            is_going_down.set()
        return is_going_down.is_set()

    def restart() -> None:
        is_going_down.wait(20)
        first.__exit__(None, None, None)
        with KoboServer(told, TOKEN, port):
            is_done.wait(20)

    first = KoboServer(told, TOKEN, hook=go_down)
    port = first.server_port
    restarter = threading.Thread(target=restart)
    restarter.start()
    with_patience = replace(QUICK, attempts=100, longest_wait_s=0.1)
    first.__enter__()
    pull = fetch_from(first, policy=with_patience)
    is_done.set()
    restarter.join()
    assert len(pull.records) == pull.expected_count == 1500


def test_a_page_that_keeps_failing_is_no_pull() -> None:
    def fail(handler: Handler) -> bool:
        if start_of(handler) != 1000:
            return False
        handler.send_json(502, {})
        return True

    rows = [submission(n) for n in range(1500)]
    with serving(rows, fail) as server, pytest.raises(TransportError, match="answered 502"):
        fetch_from(server)


def test_fewer_rows_than_stated_are_told_so_that_the_gate_can_reject() -> None:
    def state_120(handler: Handler) -> bool:
        if start_of(handler) is None:
            return False
        handler.send_json(200, {"count": 120, "next": None, "results": [submission(n) for n in range(100)]})
        return True

    with serving([], state_120) as server:
        pull = fetch_from(server)
    assert (pull.expected_count, pull.received_count) == (120, 100)


def test_a_count_that_changes_between_pages_starts_the_reading_again() -> None:
    rows = [submission(n) for n in range(1500)]

    def delete_one(handler: Handler) -> bool:
        if start_of(handler) == 1000 and len(rows) == 1500:
            del rows[5]
        return False

    with serving(rows, delete_one) as server:
        pull = fetch_from(server)
    assert {record.payload["_id"] for record in pull.records} == {str(n) for n in range(1500) if n != 5}
    assert pull.expected_count == 1499


def test_a_count_that_changes_each_time_is_no_pull() -> None:
    rows = [submission(n) for n in range(1500)]

    def delete_one(handler: Handler) -> bool:
        if start_of(handler) == 1000:
            del rows[5]
        return False

    with serving(rows, delete_one) as server, pytest.raises(TransportError, match="changed each time"):
        fetch_from(server)


@pytest.mark.parametrize("link", ["?start=0", "https://example.org/", "?start=5000"])
def test_pages_that_lead_nowhere_end(link: str) -> None:
    def lead_on(handler: Handler) -> bool:
        start = start_of(handler)
        if start is None:
            return False
        results = [submission(1)] if start == 0 else []
        handler.send_json(200, {"count": 1, "next": link, "results": results})
        return True

    with serving([], lead_on) as server, pytest.raises(TransportError, match="lead nowhere"):
        fetch_from(server)


@pytest.mark.parametrize(
    "body", [[], {"results": []}, {"count": "2", "results": []}, {"count": 1, "results": {}}]
)
def test_a_list_of_another_shape_is_refused(body: Any) -> None:
    def answer(handler: Handler) -> bool:
        if start_of(handler) is None:
            return False
        handler.send_json(200, body)
        return True

    with serving([], answer) as server, pytest.raises(ShapeError) as refusal:
        fetch_from(server)
    assert refusal.value.difference


def test_a_wrong_token_names_connection_and_variable() -> None:
    with serving([]) as server, pytest.raises(TransportError, match="DPGW_CONN_KOBO_DEMO") as refusal:
        fetch_wave(kobo_source(), Credentials(server.url, "wrong"))
    assert "wrong" not in str(refusal.value)


def test_a_missing_token_names_connection_and_variable() -> None:
    with pytest.raises(UsageError, match="connection kobo_demo, or DPGW_CONN_KOBO_DEMO"):
        fetch_wave(kobo_source())


def test_an_unknown_asset_is_told() -> None:
    with serving([]) as server, pytest.raises(TransportError, match="answered 404"):
        fetch_from(server, location="aNother")


def test_an_asset_that_is_not_deployed_is_told() -> None:
    with serving([]) as server:
        server.bodies.asset["has_deployment"] = False
        with pytest.raises(UsageError, match="no deployed"):
            fetch_from(server)


@pytest.mark.parametrize("uid", ["../users", "https://example.org/a", ""])
def test_a_location_that_is_no_asset_uid_is_refused(uid: str) -> None:
    with serving([]) as server:
        with pytest.raises(UsageError, match="no KoboToolbox asset uid"):
            fetch_from(server, kobo_source(location=uid))
        assert server.requests == []


def test_a_server_knows_no_past() -> None:
    with serving([]) as server, pytest.raises(UsageError, match="can't say how it stood"):
        fetch_from(server, as_of=date(2024, 1, 1))


def test_a_form_version_without_questionnaire_is_refused() -> None:
    with serving([]) as server:
        del server.bodies.versions[0]["content"]
        with pytest.raises(ShapeError, match="no questionnaire"):
            fetch_from(server)


def test_the_tokens_and_answers_stay_out_of_the_servers_log(capfd: pytest.CaptureFixture[str]) -> None:
    with serving([submission(1)]) as server:
        fetch_from(server)
    assert capfd.readouterr() == ("", "")


def test_a_form_version_that_postgres_cannot_hold_is_refused() -> None:
    survey = [{"type": "text", "name": "answer", "label": ["nul \x00"]}]
    with serving([], survey=survey) as server, pytest.raises(ShapeError, match="can't be stored"):
        fetch_from(server)
