from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dpg_warehouse.connectors import Protection, fetch
from dpg_warehouse.records import Credentials, PullRequest, ShapeError, TransportError, UsageError
from tests.pulls import product
from tests.scripted_server import Reply, ScriptedServer, json_reply
from tests.unit.connectors.builders import QUICK, TODAY, fetch_registry, registry_source


def test_the_api_answers_as_of_today(tmp_path: Path) -> None:
    with ScriptedServer([json_reply([product(1), product(2)])]) as server:
        pull = fetch_registry(tmp_path, f"{server.url}/api/dpgs?key=hidden")
        assert server.requests == ["/api/dpgs?key=hidden"]
        assert pull.location == f"{server.url}/api/dpgs"
    assert (pull.feed, pull.as_of, pull.is_live, len(pull.records)) == ("api", TODAY, True, 2)


def test_the_api_knows_no_past(tmp_path: Path) -> None:
    with ScriptedServer([json_reply([product(1)])]) as server:
        with pytest.raises(UsageError, match="can't say how it stood on 2024-01-31"):
            fetch_registry(tmp_path, f"{server.url}/api/dpgs", as_of=date(2024, 1, 31))
        assert server.requests == []
        assert fetch_registry(tmp_path, f"{server.url}/api/dpgs", as_of=TODAY).as_of == TODAY


def test_a_served_document_of_another_date_is_refused(tmp_path: Path) -> None:
    document = {"dpgs": [product(1)], "snapshot_date": "2024-01-31"}
    with ScriptedServer([json_reply(document)]) as server, pytest.raises(UsageError, match="not clear"):
        fetch_registry(tmp_path, f"{server.url}/")


@pytest.mark.parametrize(("is_its_server", "sent"), [(True, "Token t"), (False, None)])
def test_a_token_goes_to_its_own_server_alone(tmp_path: Path, is_its_server: bool, sent: str | None) -> None:
    source = registry_source(tmp_path)
    with ScriptedServer([json_reply([product(1)])]) as server:
        request = PullRequest("dpg_registry", None, None, f"{server.url}/api/dpgs")
        home = server.url if is_its_server else "https://registry.example.org"
        fetch(source, request, Protection(), Credentials(home, "t"), TODAY, policy=QUICK)
        assert server.headers[0].get("authorization") == sent


@pytest.mark.parametrize("body", [{"error": "maintenance"}, [], [{"dpgId": "GID1", "slug": "a"}]])
def test_an_answer_of_unknown_shape_is_refused(tmp_path: Path, body: object) -> None:
    with ScriptedServer([json_reply(body)]) as server, pytest.raises(ShapeError):
        fetch_registry(tmp_path, f"{server.url}/api/dpgs")


def test_an_answer_that_stops_half_way_is_no_pull(tmp_path: Path) -> None:
    whole = json_reply([product(1), product(2)])
    half = Reply(200, whole.body, cut_after=len(whole.body) // 2)
    with ScriptedServer([half]) as server, pytest.raises(TransportError, match="half way"):
        fetch_registry(tmp_path, f"{server.url}/api/dpgs")
