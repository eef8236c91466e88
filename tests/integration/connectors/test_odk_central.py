from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse.configuration import Source
from dpg_warehouse.crosswalk.questionnaires import form_of_content
from dpg_warehouse.records import (
    Credentials,
    FaultKind,
    PassingTransportError,
    Pull,
    ShapeError,
    TransportError,
    UsageError,
)
from tests.json_server import Hook, JsonHandler, always, drop_connection, once
from tests.odk_server import BARE_TOKEN, EMAIL, FIELDS, PASSWORD, XML, OdkServer, row
from tests.scripted_server import Reply, ScriptedServer
from tests.unit.connectors.builders import (
    QUICK,
    TODAY,
    every_received_is_told,
    faults_of,
    fetch_wave,
    personal_data,
    survey_source,
)

PERSONAL = ("Planted Submitter", "imei:planted")


def odk_source(fields: tuple[str, ...] = ("about/challenge",), **wave: Any) -> Source:
    described = {
        "connector": "odk_central",
        "location": "7/tiny",
        "connection": "odk_demo",
        "respondent_key": None,
        "ignore": ("topics", "team"),
    }
    return survey_source(Path(), fields, **(described | wave))


def login(server: OdkServer) -> Credentials:
    return Credentials(server.url, PASSWORD, EMAIL)


def fetch_from(server: OdkServer, source: Source | None = None, **asked: Any) -> Pull:
    return fetch_wave(source or odk_source(), login(server), **asked)


def is_page(number: int) -> Callable[[JsonHandler], bool]:
    """Whether a request is for the page that begins after this many rows."""
    return lambda handler: ".svc/" in handler.path and handler.query.get("$skiptoken", "0") == str(number)


def test_a_wave_is_read_with_its_published_versions() -> None:
    with OdkServer([row(1), row(2)]) as server:
        pull = fetch_from(server)
    assert (pull.format, pull.as_of, pull.is_live) == ("odk_central_v1", TODAY, True)
    assert pull.expected_count == pull.received_count == len(pull.records) == 2
    assert pull.faults == ()
    assert [form.key for form in pull.forms] == ["1"]
    assert pull.location.endswith("/v1/projects/7/forms/tiny.svc/Submissions")
    assert not any(personal in repr(pull) for personal in PERSONAL)


def test_a_submission_lands_under_the_names_that_kobotoolboxs_have() -> None:
    fields = ("about/challenge", "topics", "team", "people")
    told = row(
        3,
        about={"topics": "law money"},
        people=[{"__id": "hash", "__Submissions-id": "uuid:0003", "age": 7}, {"__id": "h", "age": None}],
        meta={"instanceID": "uuid:after-an-edit", "instanceName": "Planted Person"},
        system={"reviewState": "approved", "edits": 1, "formVersion": "1"},
    )
    with OdkServer([told]) as server:
        (record,) = fetch_from(server, odk_source(fields)).records
    assert record.key == "uuid:0003"
    assert record.payload == {
        "_submission_time": "2024-01-04T08:00:00.000Z",
        "__version__": "1",
        "_uuid": "uuid:after-an-edit",
        "_validation_status": "validation_status_approved",
        "about/challenge": "money",
        "topics": "law money",
        "team": "3",
        "people": [{"people/age": "7"}, {}],
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("rejected", "validation_status_not_approved"),
        ("approved", "validation_status_approved"),
        ("hasIssues", "validation_status_on_hold"),
        ("edited", ""),
        (None, ""),
    ],
)
def test_a_review_lands_as_kobotoolboxs_do(state: str | None, status: str) -> None:
    with OdkServer([row(1, system={"reviewState": state})]) as server:
        (record,) = fetch_from(server).records
    assert record.payload["_validation_status"] == status


def test_deleted_rows_are_absent_whether_or_not_the_server_lists_them() -> None:
    deleted = row(2, system={"deletedAt": "2024-02-01T00:00:00.000Z"})
    with OdkServer([row(1), deleted, row(3)]) as server:
        pull = fetch_from(server)
    assert [record.key for record in pull.records] == ["uuid:0001", "uuid:0003"]
    assert (pull.expected_count, pull.received_count) == (2, 2)
    assert pull.faults == ()


def test_pages_are_read_to_the_end_from_the_same_host_whatever_their_links_name() -> None:
    with OdkServer([row(n) for n in range(2500)]) as server:
        pull = fetch_from(server)
    assert len(pull.records) == pull.expected_count == 2500
    assert sum(".svc/" in request for request in server.requests) == 3


def test_a_link_to_another_host_takes_no_token_there() -> None:
    with ScriptedServer([Reply(body=b'{"value": []}')]) as other:

        def lead_away(handler: JsonHandler) -> None:
            body = handler_page(handler)
            body["@odata.nextLink"] = f"{other.url}/v1/steal?%24top=1000&%24skiptoken=1000"
            handler.send_json(200, body)

        with OdkServer([row(n) for n in range(1500)], once(is_page(0), lead_away)) as server:

            def handler_page(handler: JsonHandler) -> dict[str, Any]:
                return server.page(handler.query)

            pull = fetch_from(server)
        assert other.requests == []
    assert len(pull.records) == 1500


def test_the_session_is_closed_at_the_end_and_after_a_failure() -> None:
    with OdkServer([row(1)]) as server:
        fetch_from(server)
        assert server.sessions == {BARE_TOKEN}
        server.versions = []
        with pytest.raises(UsageError, match="not published"):
            fetch_from(server)
        assert server.sessions == {BARE_TOKEN}


def test_a_server_that_lets_nobody_log_out_costs_no_pull(caplog: pytest.LogCaptureFixture) -> None:
    failing = always(lambda handler: handler.command == "DELETE", lambda handler: handler.send_json(500, {}))
    with caplog.at_level(logging.WARNING), OdkServer([row(1)], failing) as server:
        assert len(fetch_from(server).records) == 1
    assert "did not let us log out" in caplog.text
    assert "session-token" not in caplog.text


def test_a_bare_token_is_used_as_it_is_and_left_open() -> None:
    with OdkServer([row(1)]) as server:
        pull = fetch_wave(odk_source(), Credentials(server.url, BARE_TOKEN))
    assert len(pull.records) == 1
    assert server.opened_count == 0
    assert BARE_TOKEN in server.sessions


def test_a_server_below_a_path_is_read_there() -> None:
    seen: list[str] = []

    def note(handler: JsonHandler) -> bool:
        seen.append(handler.path)
        handler.send_json(404, {})
        return True

    with OdkServer([], note) as server, pytest.raises(TransportError, match="answered 404"):
        fetch_wave(odk_source(), Credentials(f"{server.url}/central", PASSWORD, EMAIL))
    assert set(seen) == {"/central/v1/sessions"}


def test_a_session_that_is_lost_between_pages_is_opened_anew_once() -> None:
    def forget(handler: JsonHandler) -> None:
        server.sessions.clear()
        server.answer(handler, handler.path.split("?")[0])

    with OdkServer([row(n) for n in range(1500)], once(is_page(1000), forget)) as server:
        pull = fetch_from(server)
    assert len(pull.records) == 1500
    assert server.opened_count == 2


def test_a_session_that_is_lost_again_and_again_is_no_pull() -> None:
    def forget_once_a_page(handler: JsonHandler) -> bool:
        page = handler.query.get("$skiptoken", "0")
        if ".svc/" in handler.path and page not in lost:
            lost.append(page)
            server.sessions.clear()
        return False

    lost: list[str] = []
    with (
        OdkServer([row(n) for n in range(1500)], forget_once_a_page) as server,
        pytest.raises(TransportError, match="refused the credentials"),
    ):
        fetch_from(server)
    assert lost == ["0", "1000"]
    assert server.opened_count == 2


def cut_body(handler: JsonHandler) -> None:
    handler.send_bytes(b'{"value": [{"__id": "uuid:1"}], "@odata.count": 1500}', cut_after=20)


@pytest.mark.parametrize(
    "fault",
    [
        lambda handler: handler.send_json(500, {}),
        lambda handler: handler.send_json(503, {}, {"Retry-After": "0"}),
        lambda handler: handler.send_json(429, {}, {"Retry-After": "0"}),
        lambda handler: handler.send_bytes(b"<html>restarting</html>"),
        cut_body,
        drop_connection,
    ],
)
def test_a_page_that_fails_half_way_is_read_again(fault: Callable[[JsonHandler], None]) -> None:
    with OdkServer([row(n) for n in range(1500)], once(is_page(1000), fault)) as server:
        pull = fetch_from(server)
    assert len(pull.records) == pull.expected_count == 1500


def test_a_server_that_restarts_between_pages_is_waited_for() -> None:
    rows = [row(n) for n in range(1500)]
    is_going_down, is_done = threading.Event(), threading.Event()

    def go_down(handler: JsonHandler) -> bool:
        if is_page(1000)(handler):
            drop_connection(handler)
            is_going_down.set()
        return is_going_down.is_set()

    def restart() -> None:
        is_going_down.wait(20)
        first.__exit__(None, None, None)
        with OdkServer(rows, port=port):  # without the session that the first had opened
            is_done.wait(20)

    first = OdkServer(rows, go_down)
    port = first.server_port
    restarter = threading.Thread(target=restart)
    restarter.start()
    first.__enter__()
    pull = fetch_from(first, policy=replace(QUICK, attempts=100, longest_wait_s=0.1))
    is_done.set()
    restarter.join()
    assert len(pull.records) == pull.expected_count == 1500


def test_a_silent_server_is_given_up() -> None:
    release = threading.Event()

    def be_silent(handler: JsonHandler) -> bool:
        release.wait(20)
        drop_connection(handler)
        return True

    hasty = replace(QUICK, read_timeout_s=0.1, attempts=2)
    with OdkServer([], be_silent) as server:
        with pytest.raises(PassingTransportError, match="in time"):
            fetch_from(server, policy=hasty)
        release.set()


def test_fewer_rows_than_stated_are_told_so_that_the_gate_can_reject() -> None:
    def state_more(handler: JsonHandler) -> None:
        handler.send_json(200, {"value": [row(n) for n in range(100)], "@odata.count": 120})

    with OdkServer([], always(is_page(0), state_more)) as server:
        pull = fetch_from(server)
    assert (pull.expected_count, pull.received_count) == (120, 100)


def test_a_count_that_changes_between_pages_starts_the_reading_again() -> None:
    def delete_one(handler: JsonHandler) -> bool:
        if is_page(1000)(handler) and len(server.rows) == 1500:
            del server.rows[5]
        return False

    with OdkServer([row(n) for n in range(1500)], delete_one) as server:
        pull = fetch_from(server)
    assert len({record.key for record in pull.records}) == pull.expected_count == 1499
    assert "uuid:0005" not in {record.key for record in pull.records}


def test_a_count_that_changes_each_time_is_no_pull() -> None:
    def delete_one(handler: JsonHandler) -> bool:
        if is_page(1000)(handler):
            del server.rows[5]
        return False

    with (
        OdkServer([row(n) for n in range(1500)], delete_one) as server,
        pytest.raises(PassingTransportError, match="changed each time"),
    ):
        fetch_from(server)


@pytest.mark.parametrize("body", [[], {"value": []}, {"value": {}, "@odata.count": 0}, {"@odata.count": 1}])
def test_a_table_of_another_shape_is_refused(body: Any) -> None:
    hook = always(is_page(0), lambda handler: handler.send_json(200, body))
    with OdkServer([], hook) as server, pytest.raises(ShapeError) as refusal:
        fetch_from(server)
    assert refusal.value.difference


@pytest.mark.parametrize("wrong", [("wrong", EMAIL), (PASSWORD, "nobody@example.org"), ("wrong", None)])
def test_refused_credentials_name_connection_and_variable_and_show_nothing(
    wrong: tuple[str, str | None], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), OdkServer([row(1)]) as server:
        with pytest.raises(TransportError, match="DPGW_CONN_ODK_DEMO") as refusal:
            fetch_wave(odk_source(), Credentials(server.url, *wrong))
        assert len(server.requests) <= 2
    for secret in (PASSWORD, EMAIL, "wrong", "nobody@example.org"):
        assert secret not in str(refusal.value)
        assert secret not in caplog.text


def test_a_password_goes_to_the_server_alone_and_never_in_the_clear() -> None:
    with ScriptedServer([Reply(body=b"{}")]) as other:
        away = always(
            lambda handler: handler.command == "POST",
            lambda handler: handler.send_json(307, {}, {"Location": f"{other.url}/v1/sessions"}),
        )
        with OdkServer([], away) as server, pytest.raises(TransportError, match="redirects to"):
            fetch_from(server)
        assert other.requests == []
    with pytest.raises(UsageError, match="unencrypted"):
        fetch_wave(odk_source(), Credentials("http://odk.example.org", PASSWORD, EMAIL))


def test_missing_credentials_name_connection_and_variable() -> None:
    with pytest.raises(UsageError, match="connection odk_demo, or DPGW_CONN_ODK_DEMO=https://EMAIL:SECRET"):
        fetch_wave(odk_source())


@pytest.mark.parametrize("body", [[], {}, {"token": None}, {"token": "two\nlines"}])
def test_a_server_that_opens_no_session_is_told(body: Any) -> None:
    hook: Hook = always(lambda _: True, lambda handler: handler.send_json(200, body))
    with OdkServer([], hook) as server, pytest.raises(ShapeError, match="opens no session"):
        fetch_from(server)


@pytest.mark.parametrize("location", ["tiny", "7/", "7/..", "x/tiny", "7/a/b", "https://example.org/7/tiny"])
def test_a_location_that_is_no_form_is_refused(location: str) -> None:
    with OdkServer([]) as server:
        with pytest.raises(UsageError, match="PROJECT/FORM"):
            fetch_from(server, odk_source(location=location))
        assert server.requests == []


@pytest.mark.parametrize("form", ["a form?x=1#y", "f%2e", "a b"])
def test_a_forms_name_stays_one_part_of_the_address(form: str) -> None:
    with OdkServer([]) as server, pytest.raises(TransportError, match="answered 404"):
        fetch_from(server, odk_source(location=f"7/{form}"))
    asked = server.requests[1].split(" ", 1)[1]
    assert asked.startswith("/v1/projects/7/forms/")
    assert asked.endswith("/versions")
    assert asked.count("/") == 6
    assert "?" not in asked


def test_a_server_knows_no_past() -> None:
    with OdkServer([]) as server, pytest.raises(UsageError, match="can't say how it stood"):
        fetch_from(server, as_of=date(2024, 1, 1))


def test_undeclared_fields_are_named_and_device_fields_are_left_out() -> None:
    rows = [row(1, about={"email": "planted@example.org"}, people=[{"__id": "x", "age": 1}])]
    with OdkServer(rows) as server:
        pull = fetch_from(server, odk_source(ignore=()))
    assert [f.detail for f in faults_of(pull, FaultKind.UNDECLARED_FIELD)] == [
        "about/email",
        "about/topics",
        "people",
        "team",
    ]
    assert "planted@" not in repr(pull)


def test_a_declared_field_that_the_newest_version_lacks_is_named() -> None:
    with OdkServer([row(1)]) as server:
        pull = fetch_from(server, odk_source(("about/challenge", "about/gone", "place")))
    assert [f.detail for f in faults_of(pull, FaultKind.MISSING_FIELD)] == ["about/gone"]


def test_an_empty_form_is_an_empty_pull() -> None:
    with OdkServer([]) as server:
        pull = fetch_from(server)
    assert (pull.records, pull.faults, pull.expected_count) == ((), (), 0)


def test_personal_data_are_in_no_part_of_a_pull() -> None:
    rows = [row(1, about={"email": "planted@example.org"})]
    source = odk_source(("about/challenge",), personal_data=personal_data(drop=("email",)))
    with OdkServer(rows) as server:
        pull = fetch_from(server, source)
    assert pull.faults == ()
    assert "planted@" not in repr(pull)


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("text", FaultKind.NOT_AN_OBJECT),
        (row(9, about={"challenge": "nul \x00"}), FaultKind.UNSTORABLE),
        (row(1), FaultKind.DUPLICATE_KEY),
        (row(9) | {"__id": None}, FaultKind.NO_KEY),
        (row(9, system={"status": "notDecrypted"}), FaultKind.FRAGMENT),
    ],
)
def test_a_faulty_row_is_told_and_the_others_stay(bad: Any, kind: FaultKind) -> None:
    with OdkServer([row(1), bad]) as server:
        pull = fetch_from(server)
    (fault,) = [fault for fault in pull.faults if fault.kind.is_about_record]
    assert (fault.kind, fault.position) == (kind, 2)
    assert len(pull.records) == 1
    assert every_received_is_told(pull)


def test_a_form_lands_as_a_kobotoolbox_form_does() -> None:
    with OdkServer([]) as server:
        server.versions.append({"version": "", "publishedAt": "2023-12-24T00:00:00.000Z"})
        server.versions.append({"version": "draft", "publishedAt": None})
        first, second = fetch_from(server).forms
    assert (first.key, second.key) == ("1", "___")
    assert second.payload["date_deployed"] == "2023-12-24T00:00:00.000Z"
    content = first.payload["content"]
    assert content["translations"] == ["English (en)", "Français (fr)"]
    assert [(one["type"], one.get("$xpath")) for one in content["survey"]] == [
        ("start", "start"),
        ("begin_group", "about"),
        ("select_one", "about/challenge"),
        ("select_multiple", "about/topics"),
        ("text", "about/email"),
        ("end_group", None),
        ("integer", "team"),
        ("geopoint", "place"),
        ("begin_repeat", "people"),
        ("integer", "people/age"),
        ("end_repeat", None),
    ]
    challenge = content["survey"][2]
    assert challenge["label"] == ["First challenge", "Premier défi"]
    assert challenge["select_from_list_name"] == "challenges"
    assert content["survey"][6]["label"] == ["Team size", "Team size"]
    assert content["choices"] == [
        {"list_name": "challenges", "name": "money", "label": ["Money", "Argent"]},
        {"list_name": "challenges", "name": "licence", "label": ["Licence", "Licence"]},
        {"list_name": "about/topics", "name": "law", "label": ["Law", "Law"]},
    ]


def test_a_landed_form_can_be_drafted_from() -> None:
    with OdkServer([]) as server:
        (landed,) = fetch_from(server).forms
    form = form_of_content(landed.payload["content"])
    assert form.languages == ("en", "fr")
    assert form.personal_fields == ("about/email", "place")
    assert {question.name: question.kind for question in form.questions} == {
        "challenge": "single",
        "topics": "multiple",
        "team": "number",
        "age": "number",
    }
    (challenge,) = (question for question in form.questions if question.name == "challenge")
    assert [option.code for option in challenge.options] == ["money", "licence"]


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<half",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    ],
)
def test_a_form_that_no_reader_should_read_is_refused(xml: bytes) -> None:
    with OdkServer([]) as server:
        server.xml = xml
        with pytest.raises(ShapeError, match="no XForm"):
            fetch_from(server)


@pytest.mark.parametrize("fields", [{}, [1], [{"name": "a"}], [{**FIELDS[0], "path": 1}]])
def test_a_form_without_fields_is_refused(fields: Any) -> None:
    with OdkServer([]) as server:
        server.fields = fields
        with pytest.raises(ShapeError, match="no list of fields"):
            fetch_from(server)


def test_a_form_that_postgres_cannot_hold_is_refused() -> None:
    with OdkServer([]) as server:
        server.fields = [{"name": "nul \x00", "path": "/nul", "type": "string"}]
        with pytest.raises(ShapeError, match="can't be stored"):
            fetch_from(server)


def test_the_documented_bodies_are_read(real_data: Path) -> None:
    def example(name: str) -> Any:
        told = json.loads((real_data / "wire" / "odk_central_docs" / f"{name}.json").read_text())["examples"]
        return next(body for kind, body in told.items() if kind.startswith("200"))

    table = example("odata_table")
    with OdkServer(table["value"]) as server:
        server.versions, server.fields = example("form_versions"), example("form_fields")
        server.xml = XML.encode()
        pull = fetch_from(server, odk_source(("name", "age", "photo")))
    assert pull.expected_count == len(table["value"]) == 2
    assert {record.key: record.payload["age"] for record in pull.records} == {
        "uuid:85cb9aff-005e-4edd-9739-dc9c1a829c44": "25",
        "uuid:297000fd-8eb2-4232-8863-d25f82521b87": "30",
    }
    assert [form.key for form in pull.forms] == ["2.1"]
    assert pull.faults == ()
