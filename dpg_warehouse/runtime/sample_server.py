"""The sample's KoboToolbox server: a process of ours, so that the demo's third wave comes over HTTP."""

from __future__ import annotations

import os
import secrets
import sys
import time

import httpx

from dpg_warehouse.logins import write_private
from dpg_warehouse.records import JsonObject, WarehouseError
from dpg_warehouse.runtime.cluster import HOST
from dpg_warehouse.runtime.postgres import free_port
from dpg_warehouse.runtime.processes import Background, stop_all
from dpg_warehouse.settings import PROJECT_ROOT, Settings

CONNECTION = "kobo_demo"
START_LIMIT_S = 15.0


def start(settings: Settings) -> JsonObject:
    """Start the server anew; return the Airflow connection that leads to it."""
    server, port, token = background(settings), free_port(), secrets.token_urlsafe(24)
    stop_all([server])
    token_file = settings.home / "run" / "kobotoolbox_token"
    write_private(token_file, token)
    command = [
        sys.executable,
        "-m",
        "sample_data.kobo_server",
        "--port",
        str(port),
        "--token-file",
        str(token_file),
    ]
    server.start(command, os.environ, PROJECT_ROOT)
    end = time.monotonic() + START_LIMIT_S
    while not _answers(port):
        if server.process() is None or time.monotonic() > end:
            raise WarehouseError(f"The sample's KoboToolbox server did not start; its log is {server.log}.")
        time.sleep(0.1)
    return {
        "connection_id": CONNECTION,
        "conn_type": "http",
        "description": "The sample's KoboToolbox server, started by the demo.",
        "host": f"http://{HOST}",
        "port": port,
        "password": token,
    }


def background(settings: Settings) -> Background:
    """The server's process."""
    run, logs = settings.home / "run", settings.home / "logs"
    return Background("kobotoolbox", run / "kobotoolbox.json", logs / "kobotoolbox.log")


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://{HOST}:{port}/", timeout=2, trust_env=False)
    except httpx.TransportError:
        return False
    return True
