"""What all tests share: servers that start when the first test wants one, clean databases, real data."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse.settings import PROJECT_ROOT, Settings
from tests.servers_postgres import EMBEDDED, POSTGRES_15, Servers, system_programs

REAL_DATA = PROJECT_ROOT.parent / "shared"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "every_server: runs on the embedded Postgres and on an installed PostgreSQL 15"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked every_server once a server."""
    if "server_name" in metafunc.fixturenames and metafunc.definition.get_closest_marker("every_server"):
        missing = pytest.mark.skipif(system_programs() is None, reason="PostgreSQL 15 is not installed")
        metafunc.parametrize("server_name", [EMBEDDED, pytest.param(POSTGRES_15, marks=missing)])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what their fixtures need, so that nobody can forget to."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "servers" in names:
            item.add_marker("server")
        if "real_data" in names:
            item.add_marker("real_data")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    started = Servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.stop()


@pytest.fixture
def server_name() -> str:
    return EMBEDDED


@pytest.fixture(scope="session")
def settings(servers: Servers) -> Settings:
    """The settings of an installation whose embedded server runs and is migrated; its data are shared."""
    return servers.embedded_settings()


@pytest.fixture
def warehouse(servers: Servers, server_name: str, tmp_path: Path) -> Iterator[Settings]:
    """The settings of an installation with a clean, migrated database of this test's own."""
    with servers.clean_database(server_name, tmp_path / "home") as own:
        yield own


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data that tests may read and the project never contains."""
    if not REAL_DATA.is_dir():
        message = f"the real data are not beside the repository ({REAL_DATA.name})"
        if os.environ.get("REQUIRE_REAL_DATA") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return REAL_DATA


@pytest.fixture
def offline_settings(tmp_path: Path) -> Settings:
    """Settings without any server: an empty state folder."""
    return replace(Settings.from_environment({}), home=tmp_path / "home")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches the network, and none reads the settings of the person who runs it."""
    for name in ("WAREHOUSE_URL", *(name for name in os.environ if name.startswith("DPGW_"))):
        monkeypatch.delenv(name, raising=False)
    connect = socket.socket.connect

    def connect_to_loopback(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise AssertionError(f"a test tried to reach the network: {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to_loopback)
