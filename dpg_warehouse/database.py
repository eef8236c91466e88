"""Where the warehouse is and how each role logs in: URLs and engines."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from dpg_warehouse.logins import Login, read_logins
from dpg_warehouse.records import PassingError, UsageError, WarehouseError
from dpg_warehouse.settings import Settings

DRIVER = "postgresql+psycopg"
DATABASE = "warehouse"
OWNER = "owner"


class Role(StrEnum):
    """The warehouse's roles: least privilege, one login each."""

    LOADER = "loader"
    TRANSFORMER = "transformer"
    ANALYST = "analyst"
    BI_READER = "bi_reader"

    @property
    def user(self) -> str:
        """The role's name in the Postgres cluster."""
        return f"dpgw_{self.value}"


class ServerUnavailableError(PassingError):
    """The Postgres server does not answer, or does not let this login in."""


def connection_url(settings: Settings, role: Role) -> URL:
    """The URL under which `role` reaches the warehouse, its password included."""
    base = _base_url(settings)
    login = _login(settings, role.value, "dpgw migrate")
    return base.set(username=login.user, password=login.password)


def owner_url(settings: Settings) -> URL:
    """The URL of the owner's login, which `dpgw migrate` alone uses."""
    if settings.warehouse_url:
        return _base_url(settings)
    base = _base_url(settings)
    login = _login(settings, OWNER, "dpgw up")
    return base.set(username=login.user, password=login.password)


def engine(settings: Settings, role: Role) -> Engine:
    """The (cached) engine of `role`; a connection that fails raises ServerUnavailableError."""
    return engine_of(connection_url(settings, role))


@lru_cache(maxsize=32)
def engine_of(url: URL) -> Engine:
    """An engine for `url` whose failed connections are one clear sentence."""
    # No parameter stands in an error's text: it may be an answer.
    created = create_engine(
        url, pool_pre_ping=True, hide_parameters=True, connect_args={"application_name": "dpgw"}
    )
    event.listen(created, "do_connect", _connect)
    return created


def _connect(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(**{"connect_timeout": 10, **parameters})
    except psycopg.OperationalError as error:
        raise ServerUnavailableError(_why_not_connected(error, parameters)) from error


def _why_not_connected(error: psycopg.OperationalError, parameters: dict[str, Any]) -> str:
    place = f"{parameters.get('host')}:{parameters.get('port') or 5432}"
    text = " ".join(str(error).split())
    if "database" in text and "does not exist" in text:
        name = parameters.get("dbname")
        return f"Postgres at {place} has no database {name}; create it, or correct WAREHOUSE_URL."
    if any(word in text for word in ("authentication failed", "no password", "role", "permission denied")):
        user = str(parameters.get("user") or "")
        if user.startswith("dpgw_") and user != "dpgw_owner":
            return f"Postgres at {place} refuses the login {user}; run `dpgw migrate`."
        return f"Postgres at {place} refuses the owner's login; correct user and password in WAREHOUSE_URL."
    return f"Postgres at {place} does not answer; run `dpgw up`, or correct WAREHOUSE_URL. ({text})"


def _base_url(settings: Settings) -> URL:
    if settings.warehouse_url is None:
        return _embedded_url(settings)
    try:
        url = make_url(settings.warehouse_url)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "WAREHOUSE_URL is no URL; write postgresql://owner:password@host:5432/database."
        ) from error
    if url.get_backend_name() not in ("postgresql", "postgres") or not url.database:
        raise UsageError(
            "WAREHOUSE_URL must name a Postgres database: postgresql://owner:password@host:5432/database."
        )
    return url.set(drivername=DRIVER)


def _embedded_url(settings: Settings) -> URL:
    address = settings.home / "postgres" / "server.json"
    if not address.exists():
        raise WarehouseError("There is no embedded Postgres yet; run `dpgw up`.")
    server = json.loads(address.read_text(encoding="utf-8"))
    return URL.create(DRIVER, host=server["host"], port=server["port"], database=DATABASE)


def _login(settings: Settings, name: str, command: str) -> Login:
    login = read_logins(settings.home).get(name)
    if login is None:
        raise WarehouseError(f"There is no login for {name} in {settings.home}; run `{command}`.")
    return login
