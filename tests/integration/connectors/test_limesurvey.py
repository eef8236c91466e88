"""LimeSurvey's RemoteControl 2, against a server that speaks it as its documentation and source say."""

from __future__ import annotations

import base64
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
from dpg_warehouse.records import (
    Credentials,
    FaultKind,
    PassingTransportError,
    Pull,
    ShapeError,
    TransportError,
    UsageError,
)
from tests.json_server import JsonHandler, always, drop_connection, once
from tests.limesurvey_server import PASSWORD, PATH, SURVEY, USER, LimeServer, exported, response
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

FIELDS = ("challenge", "team", "Q10[SQ001]", "Q10[SQ002]")


def lime_source(fields: tuple[str, ...] = FIELDS, **wave: Any) -> Source:
    described = {
        "connector": "limesurvey",
        "location": str(SURVEY),
        "connection": "lime_demo",
        "respondent_key": None,
    }
    return survey_source(Path(), fields, **(described | wave))


def fetch_from(server: LimeServer, source: Source | None = None, **asked: Any) -> Pull:
    return fetch_wave(source or lime_source(), Credentials(server.url, PASSWORD, USER), **asked)


def is_call(method: str) -> Callable[[JsonHandler], bool]:
    return lambda handler: bool(handler.content["method"] == method)


def result(told: Any) -> Callable[[JsonHandler], None]:
    """An answer with this result."""
    return lambda handler: handler.send_json(
        200, {"id": handler.content["id"], "result": told, "error": None}
    )


EXPORT = is_call("export_responses")


def test_a_wave_is_read_complete_and_incomplete_responses_alike() -> None:
    with LimeServer([response(1), response(2, submitdate="")]) as server:
        pull = fetch_from(server, lime_source((*FIELDS, "submitdate")))
    assert (pull.format, pull.as_of, pull.is_live) == ("limesurvey_rc2", TODAY, True)
    assert pull.expected_count == pull.received_count == 2
    assert pull.faults == ()
    assert pull.location == f"{server.url}{PATH} survey {SURVEY}"
    assert [record.key for record in pull.records] == ["1", "2"]
    assert pull.records[0].payload == {
        "submitdate": "2024-01-05 08:00:00",
        "challenge": "money",
        "team": "3",
        "Q10[SQ001]": "Y",
    }
    assert "submitdate" not in pull.records[1].payload


def test_rows_that_an_older_server_nests_under_their_ids_are_the_same_pull() -> None:
    with LimeServer([response(1), response(2)]) as server:
        new = fetch_from(server)
        server.is_nested = True
        old = fetch_from(server)
    assert old.records == new.records
    assert old.faults == ()


def test_roles_of_fields_are_declared_by_their_entries_in_the_wave() -> None:
    roles: dict[str, Any] = {
        "complete_when": {"field": "submitdate"},
        "submitted_at": "datestamp",
        "language_field": "startlanguage",
        "respondent_key": "token",
        "personal_data": personal_data(pseudonymise=("token",)),
    }
    told = response(1, datestamp="2024-01-05 08:01:00", token="planted-token")  # noqa: S106
    with LimeServer([told]) as server:
        pull = fetch_from(server, lime_source(**roles), key="k")
    assert pull.faults == ()
    (record,) = pull.records
    assert record.key == "1"
    assert {"submitdate", "datestamp", "startlanguage"} <= set(record.payload)
    assert record.payload["token"].startswith("p_")
    assert "planted-token" not in repr(pull)


def test_own_columns_that_name_nobody_need_no_word_and_personal_ones_do() -> None:
    told = response(1, ipaddr="192.0.2.7", refurl="https://example.org", token="planted-token", startdate="x")  # noqa: S106
    with LimeServer([told]) as server:
        pull = fetch_from(server)
        dropping = personal_data(drop=("ipaddr", "refurl", "token"))
        dropped = fetch_from(server, lime_source(personal_data=dropping))
    assert [f.detail for f in faults_of(pull, FaultKind.UNDECLARED_FIELD)] == ["ipaddr", "refurl", "token"]
    assert dropped.faults == ()
    for personal in ("192.0.2.7", "planted-token"):
        assert personal not in repr(pull) + repr(dropped)


def test_a_declared_column_that_no_response_has_is_named() -> None:
    with LimeServer([response(1)]) as server:
        pull = fetch_from(server, lime_source((*FIELDS, "Q10[SQ003]")))
    assert [(f.kind, f.detail) for f in pull.faults] == [(FaultKind.MISSING_FIELD, "Q10[SQ003]")]


def test_a_survey_without_responses_is_an_empty_pull_that_misses_no_column() -> None:
    with LimeServer([]) as server:
        pull = fetch_from(server)
    assert (pull.records, pull.faults, pull.expected_count, pull.received_count) == ((), (), 0, 0)


def test_a_survey_that_is_not_active_is_no_empty_pull() -> None:
    with LimeServer([response(1)]) as server:
        server.is_active = False
        with pytest.raises(UsageError, match="is not active"):
            fetch_from(server)
        server.statuses["get_summary"] = "No Data, survey table does not exist."
        with pytest.raises(UsageError, match="is not active"):
            fetch_from(server)


def test_an_unknown_survey_is_told() -> None:
    with LimeServer([]) as server, pytest.raises(UsageError, match="no survey 999"):
        fetch_from(server, location="999")


@pytest.mark.parametrize("survey_id", ["owners", "12 34", "https://example.org/1", "-1", ""])
def test_a_location_that_is_no_survey_id_is_refused(survey_id: str) -> None:
    with LimeServer([]) as server:
        with pytest.raises(UsageError, match="no LimeSurvey survey id"):
            fetch_from(server, lime_source(location=survey_id))
        assert server.requests == []


def test_the_key_is_released_at_the_end_and_after_each_failure() -> None:
    with LimeServer([response(1)]) as server:
        fetch_from(server)
        assert server.keys == set()
        server.statuses["export_responses"] = "No permission"
        with pytest.raises(TransportError, match="answered export_responses with: No permission"):
            fetch_from(server)
        assert server.keys == set()
    assert server.calls[-1] == "release_session_key"


def test_a_key_that_can_not_be_released_costs_no_pull(caplog: pytest.LogCaptureFixture) -> None:
    failing = always(is_call("release_session_key"), lambda handler: handler.send_json(500, {}))
    with caplog.at_level(logging.WARNING), LimeServer([response(1)], failing) as server:
        assert len(fetch_from(server).records) == 1
    assert "did not release" in caplog.text
    assert "session-key" not in caplog.text


def lose_session(handler: JsonHandler) -> None:
    assert isinstance(handler.server, LimeServer)
    handler.server.keys.clear()
    handler.server.answer(handler, PATH)


def test_a_session_that_ends_between_calls_is_opened_anew_once() -> None:
    with LimeServer([response(1)], once(EXPORT, lose_session)) as server:
        pull = fetch_from(server)
    assert len(pull.records) == 1
    assert server.opened_count == 2
    assert server.keys == set()


def test_a_session_that_ends_again_and_again_is_no_pull() -> None:
    def forget_once_a_method(handler: JsonHandler) -> bool:
        method = handler.content["method"]
        if method in ("get_summary", "export_responses") and method not in lost:
            lost.append(method)
            server.keys.clear()
        return False

    lost: list[str] = []
    with (
        LimeServer([response(1)], forget_once_a_method) as server,
        pytest.raises(TransportError, match="Invalid session key"),
    ):
        fetch_from(server)
    assert lost == ["get_summary", "export_responses"]
    assert server.opened_count == 2


def cut_body(handler: JsonHandler) -> None:
    handler.send_bytes(json.dumps({"id": handler.content["id"], "result": "e30="}).encode(), cut_after=9)


@pytest.mark.parametrize(
    "fault",
    [
        lambda handler: handler.send_json(500, {}),
        lambda handler: handler.send_json(503, {}, {"Retry-After": "0"}),
        lambda handler: handler.send_json(429, {}, {"Retry-After": "0"}),
        lambda handler: handler.send_bytes(b"<html>restarting</html>"),
        lambda handler: handler.send_bytes(b""),
        cut_body,
        drop_connection,
    ],
)
def test_a_call_that_fails_half_way_is_made_again(fault: Callable[[JsonHandler], None]) -> None:
    with LimeServer([response(1)], once(EXPORT, fault)) as server:
        assert len(fetch_from(server).records) == 1


def test_a_server_that_restarts_between_calls_is_waited_for() -> None:
    rows = [response(n) for n in range(1, 4)]
    is_going_down, is_done = threading.Event(), threading.Event()

    def go_down(handler: JsonHandler) -> bool:
        if EXPORT(handler):
            drop_connection(handler)
            is_going_down.set()
        return is_going_down.is_set()

    def restart() -> None:
        is_going_down.wait(20)
        first.__exit__(None, None, None)
        with LimeServer(rows, port=port):  # without the session that the first had opened
            is_done.wait(20)

    first = LimeServer(rows, go_down)
    port = first.server_port
    restarter = threading.Thread(target=restart)
    restarter.start()
    first.__enter__()
    pull = fetch_from(first, policy=replace(QUICK, attempts=100, longest_wait_s=0.1))
    is_done.set()
    restarter.join()
    assert len(pull.records) == 3


def test_a_silent_server_is_given_up() -> None:
    release = threading.Event()

    def be_silent(handler: JsonHandler) -> bool:
        release.wait(20)
        drop_connection(handler)
        return True

    hasty = replace(QUICK, read_timeout_s=0.1, attempts=2)
    with LimeServer([], be_silent) as server:
        with pytest.raises(PassingTransportError, match="in time"):
            fetch_from(server, policy=hasty)
        release.set()


def test_a_server_whose_interface_is_off_sends_nothing() -> None:
    silent = always(lambda _: True, lambda handler: handler.send_bytes(b""))
    with LimeServer([], silent) as server, pytest.raises(TransportError, match="an empty answer"):
        fetch_from(server)


def test_fewer_responses_than_counted_are_told_so_that_the_gate_can_reject() -> None:
    with LimeServer([response(n) for n in range(1, 101)]) as server:
        server.stated_count = 120
        pull = fetch_from(server)
    assert (pull.expected_count, pull.received_count) == (120, 100)


def test_a_count_that_changes_while_it_is_read_starts_the_reading_again() -> None:
    def answer_one_more(handler: JsonHandler) -> bool:
        if EXPORT(handler) and len(server.rows) == 1:
            server.answer(handler, PATH)
            server.rows.append(response(2))
            return True
        return False

    with LimeServer([response(1)], answer_one_more) as server:
        pull = fetch_from(server)
    assert len(pull.records) == pull.expected_count == 2


def test_a_count_that_changes_each_time_is_no_pull() -> None:
    def answer_one_more(handler: JsonHandler) -> bool:
        if EXPORT(handler):
            server.rows.append(response(len(server.rows) + 1))
        return False

    with (
        LimeServer([response(1)], answer_one_more) as server,
        pytest.raises(PassingTransportError, match="changed each time"),
    ):
        fetch_from(server)
    assert server.keys == set()


@pytest.mark.parametrize("wrong", [("wrong", USER), (PASSWORD, "nobody@example.org")])
def test_refused_credentials_name_connection_and_variable_and_show_nothing(
    wrong: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), LimeServer([]) as server:
        with pytest.raises(TransportError, match="DPGW_CONN_LIME_DEMO") as refusal:
            fetch_wave(lime_source(), Credentials(server.url, *wrong))
        assert server.calls == ["get_session_key"]
    for secret in (PASSWORD, USER, "wrong", "nobody@example.org"):
        assert secret not in str(refusal.value)
        assert secret not in caplog.text


def test_a_bare_token_is_refused_before_anything_is_sent() -> None:
    with LimeServer([]) as server:
        with pytest.raises(UsageError, match="a user's name and password"):
            fetch_wave(lime_source(), Credentials(server.url, "token"))
        assert server.requests == []


def test_missing_credentials_name_connection_and_variable() -> None:
    with pytest.raises(UsageError, match="connection lime_demo, or DPGW_CONN_LIME_DEMO=https://USER:SECRET"):
        fetch_wave(lime_source())


def test_a_password_goes_to_the_server_alone_and_never_in_the_clear() -> None:
    with ScriptedServer([Reply(body=b"{}")]) as other:
        away = always(
            lambda _: True, lambda handler: handler.send_json(307, {}, {"Location": f"{other.url}/rpc?x=1"})
        )
        with LimeServer([], away) as server, pytest.raises(TransportError, match="redirects to"):
            fetch_from(server)
        assert other.requests == []
    with pytest.raises(UsageError, match="unencrypted"):
        fetch_wave(lime_source(), Credentials("http://lime.example.org", PASSWORD, USER))


@pytest.mark.parametrize(
    ("below", "asked"),
    [
        ("", PATH),
        ("/surveys/", f"/surveys{PATH}"),
        ("/admin/remotecontrol", "/admin/remotecontrol"),
        ("/index.php/admin/remotecontrol/", PATH),
    ],
)
def test_remote_control_lies_where_the_connection_says(below: str, asked: str) -> None:
    missing = always(lambda _: True, lambda handler: handler.send_json(404, {}))
    with LimeServer([], missing) as server, pytest.raises(TransportError, match="answered 404"):
        fetch_wave(lime_source(), Credentials(f"{server.url}{below}", PASSWORD, USER))
    assert set(server.requests) == {f"POST {asked}"}


def test_a_status_that_holds_a_secret_or_an_address_does_not_show_it() -> None:
    with LimeServer([]) as server:
        server.statuses["get_summary"] = "No permission for planted@example.org with session-key-1"
        with pytest.raises(TransportError, match="No permission") as refusal:
            fetch_from(server)
    assert "planted@" not in str(refusal.value)
    assert "session-key-1" not in str(refusal.value)


@pytest.mark.parametrize(
    "body",
    [[], {}, {"result": "k", "id": -1}, {"error": None, "id": None}],
)
def test_an_answer_that_is_no_remote_procedure_call_is_refused(body: Any) -> None:
    odd = always(lambda _: True, lambda handler: handler.send_json(200, body))
    with LimeServer([], odd) as server, pytest.raises(ShapeError, match="RemoteControl 2"):
        fetch_from(server)


def test_an_error_of_the_servers_own_is_told_without_its_words() -> None:
    def fail(handler: JsonHandler) -> None:
        told = {"code": -1, "message": "planted@example.org"}
        handler.send_json(200, {"id": handler.content["id"], "result": None, "error": told})

    with (
        LimeServer([response(1)], always(EXPORT, fail)) as server,
        pytest.raises(TransportError, match="error of its own") as refusal,
    ):
        fetch_from(server)
    assert "planted" not in str(refusal.value)


@pytest.mark.parametrize(
    "told", ["%%%", "eyJyZXNwb25zZXMi", base64.b64encode(b'{"responses": [').decode(), 5]
)
def test_responses_that_stop_half_way_are_no_pull(told: Any) -> None:
    with (
        LimeServer([response(1)], always(EXPORT, result(told))) as server,
        pytest.raises(PassingTransportError, match="no complete JSON"),
    ):
        fetch_from(server)


@pytest.mark.parametrize("told", [exported([]), exported({}), exported({"responses": {"1": {}}})])
def test_responses_of_another_shape_are_refused(told: str) -> None:
    with (
        LimeServer([response(1)], always(EXPORT, result(told))) as server,
        pytest.raises(ShapeError, match="no list as LimeSurvey sends it"),
    ):
        fetch_from(server)


@pytest.mark.parametrize("told", [True, None, "many", [1]])
def test_a_count_that_is_none_is_refused(told: Any) -> None:
    with (
        LimeServer([], always(is_call("get_summary"), result(told))) as server,
        pytest.raises(ShapeError, match="how many responses"),
    ):
        fetch_from(server)


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("text", FaultKind.NOT_AN_OBJECT),
        (response(9, challenge="nul \x00"), FaultKind.UNSTORABLE),
        (response(1, team="4"), FaultKind.DUPLICATE_KEY),
        (response(9, id=None), FaultKind.NO_KEY),
    ],
)
def test_a_faulty_response_is_told(bad: Any, kind: FaultKind) -> None:
    with LimeServer([response(1), response(2), bad]) as server:
        pull = fetch_from(server)
    kinds = {fault.kind for fault in pull.faults if fault.kind.is_about_record}
    assert kinds == {kind}
    assert "2" in {record.key for record in pull.records}
    assert every_received_is_told(pull)


def test_a_server_knows_no_past() -> None:
    with LimeServer([]) as server, pytest.raises(UsageError, match="can't say how it stood"):
        fetch_from(server, as_of=date(2024, 1, 1))
