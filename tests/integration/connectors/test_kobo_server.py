"""The sample's server, as the demo runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dpg_warehouse.connectors import HttpPolicy
from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.records import TransportError
from dpg_warehouse.settings import PROJECT_ROOT
from sample_data.kobo_server import DEFAULT_FOLDER, Bodies, KoboServer

ONCE = HttpPolicy(attempts=1)
UID = json.loads((DEFAULT_FOLDER / "asset.json").read_text(encoding="utf-8"))["uid"]


def test_a_page_holds_at_most_a_thousand_rows_and_links_to_its_neighbours() -> None:
    told = Bodies({"uid": "a"}, [], [{"_id": n} for n in range(2500, 0, -1)])
    with KoboServer(told, "t") as server, JsonClient(server.url, ONCE, token="t") as client:  # noqa: S106
        query = {"start": "1000", "limit": "30000", "sort": '{"_id":1}'}
        page = client.get("/api/v2/assets/a/data/", query)
        first = client.get("/api/v2/assets/a/data/")
    assert page["count"] == 2500
    assert [row["_id"] for row in page["results"]] == list(range(1001, 2001))
    assert "start=2000" in page["next"]
    assert "start=0" in page["previous"]
    assert len(first["results"]) == 100


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        (f"/api/v2/assets/{UID}/", "wrong", "401"),
        ("/api/v2/assets/another/", "t", "404"),
        (f"/api/v2/assets/{UID}/versions/none/", "t", "404"),
        ("/", "t", "404"),
    ],
)
def test_wrong_tokens_and_unknown_paths_are_refused(path: str, token: str, status: str) -> None:
    with KoboServer(Bodies.read(DEFAULT_FOLDER), "t") as server:
        client = JsonClient(server.url, ONCE, token=token)
        with client, pytest.raises(TransportError, match=status):
            client.get(path)


def test_it_runs_as_a_program_and_stops_when_told(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("t\n")
    command = [
        sys.executable,
        "-m",
        "sample_data.kobo_server",
        "--port",
        "0",
        "--token-file",
        str(token_file),
    ]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with JsonClient(url, ONCE, token="t") as client:  # noqa: S106
            assert client.get(f"/api/v2/assets/{UID}/versions/")["count"] == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
