from __future__ import annotations

import logging
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from dpg_warehouse import __version__
from dpg_warehouse.connectors.http import HttpPolicy, JsonClient
from dpg_warehouse.records import TransportError, UsageError
from tests.scripted_server import Reply, ScriptedServer, json_reply
from tests.unit.connectors.builders import QUICK

SECRET = "s3cret-token"  # noqa: S105 (planted: it must show nowhere)


def get(
    server: ScriptedServer,
    policy: HttpPolicy = QUICK,
    token: str | None = SECRET,
    connection: str | None = "kobo_demo",
) -> Any:
    with JsonClient(server.url, policy, token=token, connection=connection) as client:
        return client.get("/api/data/", {"key": "hidden"})


def refusal(server: ScriptedServer, policy: HttpPolicy = QUICK) -> str:
    """What the error says, which must name neither token nor query."""
    with pytest.raises(TransportError) as error:
        get(server, policy)
    message = str(error.value)
    assert SECRET not in message
    assert "hidden" not in message
    return message


def test_json_is_read_with_the_token_and_an_honest_name() -> None:
    with ScriptedServer([json_reply({"a": 1})]) as server:
        assert get(server) == {"a": 1}
    assert server.requests == ["/api/data/?key=hidden"]
    assert server.headers[0]["authorization"] == f"Token {SECRET}"
    assert server.headers[0]["user-agent"].startswith(f"dpg-warehouse/{__version__} (")


@pytest.mark.parametrize(
    "failure",
    [
        Reply(500),
        Reply(503),
        json_reply({}, 429, Retry_After="0"),
        Reply(body=b'[{"a": 1}, {"a": 2}]', cut_after=9),
        Reply(body=b'[{"a": 1}, '),
        Reply(body=b"<html>maintenance</html>"),
        Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(cut_after=0, body=b"[]"),
    ],
)
def test_a_failure_that_passes_is_tried_again(failure: Reply) -> None:
    with ScriptedServer([failure, failure, json_reply([1])]) as server:
        assert get(server) == [1]
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Reply(500), "answered 500"),
        (Reply(429), "answered 429"),
        (Reply(body=b"[1, 2, 3]", cut_after=4), "stopped half way"),
        (Reply(body=b"[1, "), "no complete JSON"),
    ],
)
def test_tries_are_bounded(failure: Reply, said: str) -> None:
    with ScriptedServer([failure]) as server:
        message = refusal(server)
        assert said in message
        assert "127.0.0.1" in message
        assert "/api/data/" in message
    assert len(server.requests) == QUICK.attempts


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_failure_that_stays_is_not_tried_again(status: int) -> None:
    with ScriptedServer([Reply(status)]) as server:
        assert f"answered {status}" in refusal(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_connection_and_variable_and_is_not_tried_again(status: int) -> None:
    with ScriptedServer([Reply(status)]) as server:
        message = refusal(server)
    assert "connection kobo_demo" in message
    assert "DPGW_CONN_KOBO_DEMO" in message
    assert len(server.requests) == 1


def test_a_server_that_wants_a_token_where_none_is_declared_says_so() -> None:
    with (
        ScriptedServer([Reply(401)]) as server,
        pytest.raises(TransportError, match="declares no connection"),
    ):
        get(server, token=None, connection=None)


def waited_for(header: str, policy: HttpPolicy) -> float:
    with ScriptedServer([json_reply({}, 429, Retry_After=header), json_reply([])]) as server:
        started = time.monotonic()
        get(server, policy)
        return time.monotonic() - started


def test_retry_after_is_obeyed_as_seconds_and_as_a_date() -> None:
    patient = replace(QUICK, first_wait_s=0.0, longest_wait_s=5.0)
    assert waited_for("1", patient) >= 1.0
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    assert waited_for(soon, patient) >= 0.5


def test_retry_after_is_capped_and_nonsense_is_passed_over() -> None:
    assert waited_for("3600", QUICK) < 2.0
    assert waited_for("tomorrow perhaps", QUICK) < 2.0


def test_a_redirect_on_the_same_server_is_followed_with_the_token() -> None:
    with ScriptedServer([Reply(302, headers={"Location": "/elsewhere/"}), json_reply([1])]) as server:
        assert get(server) == [1]
    assert server.requests[1] == "/elsewhere/"
    assert server.headers[1]["authorization"] == f"Token {SECRET}"


@pytest.mark.parametrize("with_token", [True, False])
def test_a_redirect_to_another_server_is_refused_and_not_followed(with_token: bool) -> None:
    with ScriptedServer([json_reply(["stolen"])]) as other:
        away = Reply(302, headers={"Location": f"{other.url}/api/data/"})
        with ScriptedServer([away]) as server, pytest.raises(TransportError, match="another server"):
            get(server, token=SECRET if with_token else None)
        assert other.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["http://localhost:1/", "//192.0.2.1/", "ftp://127.0.0.1/", ""])
def test_a_redirect_by_another_name_port_or_scheme_is_refused(location: str) -> None:
    with ScriptedServer([Reply(301, headers={"Location": location})]) as server:
        refusal(server)
    assert len(server.requests) == 1


def test_redirects_in_circles_end() -> None:
    with ScriptedServer([Reply(302, headers={"Location": "/api/data/"})]) as server:
        assert "circles" in refusal(server)
    assert len(server.requests) <= QUICK.max_redirects + 1


def test_an_answer_without_end_is_cut_off() -> None:
    with ScriptedServer([Reply(body=b"[" + b"1," * 100_000 + b"1]")]) as server:
        assert "more than 1,000 bytes" in refusal(server, replace(QUICK, max_bytes=1000))
    assert len(server.requests) == 1


def test_a_silent_server_is_given_up() -> None:
    hasty = replace(QUICK, read_timeout_s=0.1, attempts=2)
    with ScriptedServer([Reply(body=b"[1]", pause_s=0.5)]) as server:
        assert "in time" in refusal(server, hasty)


def test_a_server_that_trickles_its_answer_is_given_up() -> None:
    hasty = replace(QUICK, whole_answer_s=0.2, attempts=1)
    with ScriptedServer([Reply(body=b"[" + b" " * 200 + b"]", pause_s=0.02)]) as server:
        assert "too long" in refusal(server, hasty)


def test_nobody_listening_is_told_in_one_sentence() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    client = JsonClient(f"http://127.0.0.1:{port}", QUICK, token=SECRET)
    with client, pytest.raises(TransportError, match="no connection"):
        client.get("/api/")


def test_a_token_does_not_travel_unencrypted() -> None:
    with pytest.raises(UsageError, match="unencrypted"):
        JsonClient("http://kobo.example.org", QUICK, token=SECRET)


def test_a_login_in_an_address_is_not_sent() -> None:
    with ScriptedServer([json_reply([])]) as server:
        client = JsonClient(server.url.replace("//", "//user:word@"), QUICK)
        with client:
            client.get("/")
    assert "authorization" not in server.headers[0]


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with ScriptedServer([Reply(500), json_reply([])]) as server:
        get(server)
    assert SECRET not in caplog.text
    assert "hidden" not in caplog.text


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
def test_a_token_for_this_machine_never_goes_to_a_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with ScriptedServer([json_reply({"a": 1})]) as server, ScriptedServer([json_reply({})]) as proxy:
        monkeypatch.setenv(name, proxy.url)
        assert get(server) == {"a": 1}
        assert proxy.requests == []


def post(server: ScriptedServer, policy: HttpPolicy = QUICK) -> Any:
    with JsonClient(server.url, policy, connection="kobo_demo") as client:
        return client.post("/api/sessions", {"password": SECRET})


def test_a_body_is_posted_as_json_and_tried_again_after_a_failure_that_passes() -> None:
    with ScriptedServer([Reply(503, headers={"Retry-After": "0"}), json_reply({"a": 1})]) as server:
        assert post(server) == {"a": 1}
    assert server.requests == ["/api/sessions"] * 2
    assert server.headers[0]["content-type"] == "application/json"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/elsewhere?token=hidden", "http://192.0.2.1/api"])
def test_a_posted_secret_follows_no_redirect(status: int, location: str) -> None:
    with (
        ScriptedServer([Reply(status, headers={"Location": location})]) as server,
        pytest.raises(TransportError, match="redirects to http://") as refusal,
    ):
        post(server)
    assert len(server.requests) == 1
    assert SECRET not in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_a_secret_is_neither_posted_nor_sent_unencrypted_to_another_machine() -> None:
    with JsonClient("http://192.0.2.1", QUICK) as client:
        with pytest.raises(UsageError, match="unencrypted"):
            client.post("/api/sessions", {"password": SECRET})
        with pytest.raises(UsageError, match="unencrypted"):
            client.authorise(f"Bearer {SECRET}")


def test_a_header_authorises_from_then_on() -> None:
    with ScriptedServer([json_reply([])]) as server, JsonClient(server.url, QUICK) as client:
        client.get("/before")
        client.authorise(f"Bearer {SECRET}")
        client.get("/after")
        client.delete("/session")
    sent = [headers.get("authorization") for headers in server.headers]
    assert sent == [None, f"Bearer {SECRET}", f"Bearer {SECRET}"]


def test_a_deletion_is_tried_once() -> None:
    with ScriptedServer([Reply(503)]) as server, JsonClient(server.url, QUICK) as client:
        with pytest.raises(TransportError, match="answered 503"):
            client.delete("/session")
        assert len(server.requests) == 1


def test_an_empty_answer_is_told_as_such() -> None:
    with ScriptedServer([Reply(body=b"")]) as server:
        assert "sent an empty answer" in refusal(server)


def test_what_is_no_json_is_read_as_it_is() -> None:
    with ScriptedServer([Reply(500), Reply(body=b"<xml/>")]) as server:
        with JsonClient(server.url, QUICK) as client:
            assert client.get_bytes("/form.xml") == b"<xml/>"
        assert server.headers[-1]["accept"] == "*/*"
