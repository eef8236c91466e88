"""Schemas, tables, roles and grants of the warehouse: `migrate` brings any database to this code's state."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from dpg_warehouse import database
from dpg_warehouse.logins import ensure_logins
from dpg_warehouse.migrations import privileges, revisions
from dpg_warehouse.records import WarehouseError
from dpg_warehouse.settings import Settings

OLDEST_SERVER = 15
LOCK = 0x64706777  # "dpgw": migrations of one database run one after another

__all__ = ["migrate"]


def migrate(settings: Settings) -> str:
    """Create or bring up to date everything that the warehouse needs; return the revision it is at.

    All of it is one transaction, so that a failure leaves the database as it was.
    """
    engine = database.engine_of(database.owner_url(settings))
    logins = ensure_logins(settings.home, {role.value: role.user for role in database.Role})
    try:
        with engine.begin() as connection:
            _check_server(connection)
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            revisions.refuse_newer_database(connection)
            privileges.ensure_roles(connection, logins, connection.engine.url)
            privileges.ensure_schemas(connection)
            revision = revisions.upgrade(connection)
            privileges.grant(connection)
    except DBAPIError as error:
        raise WarehouseError(f"The migration stopped and changed nothing: {_first_line(error)}") from error
    finally:
        engine.dispose()
    return revision


def _check_server(connection: Connection) -> None:
    number = int(connection.scalar(text("show server_version_num")))
    if number < OLDEST_SERVER * 10_000:
        raise WarehouseError(
            f"The server is PostgreSQL {number // 10_000}; the warehouse needs {OLDEST_SERVER} or newer."
        )


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]
