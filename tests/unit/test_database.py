"""URLs, logins and the sentences for what is missing."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from dpg_warehouse import database
from dpg_warehouse.database import Role, ServerUnavailableError
from dpg_warehouse.logins import Login, ensure_logins, read_logins, write_private
from dpg_warehouse.records import UsageError, WarehouseError
from dpg_warehouse.settings import Settings

OWNER_URL = "postgresql://owner:secret@db.example.org:5433/trends?sslmode=require"


@pytest.fixture
def own_server(offline_settings: Settings) -> Settings:
    ensure_logins(offline_settings.home, {role.value: role.user for role in Role})
    return replace(offline_settings, warehouse_url=OWNER_URL)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_the_same_database_with_its_own_login(own_server: Settings, role: Role) -> None:
    url = database.connection_url(own_server, role)
    assert (url.host, url.port, url.database, url.query) == (
        "db.example.org",
        5433,
        "trends",
        {"sslmode": "require"},
    )
    assert (url.username, url.password) == (role.user, read_logins(own_server.home)[role.value].password)


def test_the_owners_url_is_kept_as_it_is(own_server: Settings) -> None:
    url = database.owner_url(own_server)
    assert (url.username, url.password, url.drivername) == ("owner", "secret", "postgresql+psycopg")


def test_the_short_scheme_is_understood(own_server: Settings) -> None:
    url = database.owner_url(replace(own_server, warehouse_url="postgres://owner@db.example.org/trends"))
    assert url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["nonsense", "mysql://db.example.org/trends", "postgresql://db.example.org"])
def test_an_unusable_url_is_refused_without_being_repeated(own_server: Settings, url: str) -> None:
    with pytest.raises(UsageError, match="postgresql://owner:password@host:5432/database") as raised:
        database.owner_url(replace(own_server, warehouse_url=url))
    assert url not in str(raised.value)


def test_without_a_server_the_error_says_what_to_run(offline_settings: Settings) -> None:
    with pytest.raises(WarehouseError, match="run `dpgw up`"):
        database.engine(offline_settings, Role.LOADER)


def test_without_a_login_the_error_says_what_to_run(offline_settings: Settings) -> None:
    with pytest.raises(WarehouseError, match=r"no login for loader.*run `dpgw migrate`"):
        database.connection_url(replace(offline_settings, warehouse_url=OWNER_URL), Role.LOADER)


def test_a_stopped_server_is_one_sentence(offline_settings: Settings) -> None:
    ensure_logins(offline_settings.home, {Role.LOADER.value: Role.LOADER.user})
    address = {"host": "127.0.0.1", "port": 1}
    write_private(offline_settings.home / "postgres" / "server.json", json.dumps(address))
    with pytest.raises(ServerUnavailableError, match="does not answer; run `dpgw up`") as raised:
        database.engine(offline_settings, Role.LOADER).connect()
    assert read_logins(offline_settings.home)["loader"].password not in str(raised.value)


def test_an_error_of_the_database_repeats_no_parameter(own_server: Settings) -> None:
    assert database.engine(own_server, Role.LOADER).hide_parameters


def test_logins_are_for_their_owner_alone(tmp_path: Path) -> None:
    ensure_logins(tmp_path, {"loader": "dpgw_loader"})
    assert stat.S_IMODE((tmp_path / "logins.json").stat().st_mode) == 0o600


def test_logins_are_generated_once(tmp_path: Path) -> None:
    first = ensure_logins(tmp_path, {"loader": "dpgw_loader"})
    second = ensure_logins(tmp_path, {"loader": "dpgw_loader", "analyst": "dpgw_analyst"})
    assert second["loader"] == first["loader"]
    assert second["analyst"].password != first["loader"].password


def test_logins_generated_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ensure_logins(tmp_path, {"loader": "dpgw_loader"}), range(8)))
    assert all(logins == found[0] for logins in found)


def test_a_password_shows_in_no_repr() -> None:
    assert "secret" not in repr(Login("dpgw_loader", "secret"))
