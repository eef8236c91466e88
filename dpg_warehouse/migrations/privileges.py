"""Who may do what: the roles, the schemas and who owns them, and the grants between them."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, text

from dpg_warehouse.database import Role, ServerUnavailableError, engine_of
from dpg_warehouse.logins import Login
from dpg_warehouse.records import WarehouseError

OWNED_SCHEMAS = {
    Role.LOADER: ("landing", "ops"),
    Role.TRANSFORMER: ("staging", "intermediate", "marts_build", "marts"),
}
# What a build writes of ops; the rest of ops is the loader's.
BUILD_TABLES = (
    "builds",
    "build_inputs",
    "dbt_results",
    "publish_log",
    "validation_results",
    "configurations",
    "configuration_rows",
    "wave_releases",
    "release_answers",
)
READS = {
    Role.TRANSFORMER: ("landing", "ops"),
    Role.ANALYST: ("intermediate", "marts"),
    Role.BI_READER: ("marts",),
}
# Defaults that a person can change in a session; the grants are the wall.
ROLE_DEFAULTS = {Role.BI_READER: {"default_transaction_read_only": "on", "statement_timeout": "60s"}}
DATABASE_PRIVILEGES = {
    Role.LOADER: "connect, temporary",
    Role.TRANSFORMER: "connect, temporary, create",  # a build as of a date makes schemas of its own
    Role.ANALYST: "connect, temporary",
    Role.BI_READER: "connect",
}


def ensure_roles(connection: Connection, logins: Mapping[str, Login], url: URL) -> None:
    """Create the missing roles and give each the password of its login, where it has another."""
    existing = set(connection.scalars(text("select rolname from pg_roles where rolname like 'dpgw\\_%'")))
    missing = [role for role in Role if role.user not in existing]
    if missing and not _may_create_roles(connection):
        raise WarehouseError(
            "The login of WAREHOUSE_URL may not create roles; give it CREATEROLE, or migrate as a superuser."
        )
    for role in Role:
        login = logins[role.value]
        if role in missing:
            connection.execute(text(f"create role {role.user} login"))
        if role in missing or not _lets_in(url, login):
            _set_password(connection, login)
        for name, value in ROLE_DEFAULTS.get(role, {}).items():
            _ensure_default(connection, role, name, value)
        _become_member(connection, role)


def ensure_schemas(connection: Connection) -> None:
    """Create the schemas, each owned by the role that fills it."""
    for role, schemas in OWNED_SCHEMAS.items():
        for schema in schemas:
            connection.execute(text(f"create schema if not exists {schema} authorization {role.user}"))


def grant(connection: Connection) -> None:
    """Grant what each role needs, now and for tables to come, and nothing to the public."""
    grant_database(connection)
    connection.execute(text("revoke all on schema public from public"))
    owners = {schema: owner.user for owner, schemas in OWNED_SCHEMAS.items() for schema in schemas}
    for role, schemas in READS.items():
        for schema in schemas:
            for statement in (
                f"grant usage on schema {schema} to {role.user}",
                f"grant select on all tables in schema {schema} to {role.user}",
                f"alter default privileges for role {owners[schema]} in schema {schema}"
                f" grant select on tables to {role.user}",
            ):
                connection.execute(text(statement))
    tables = ", ".join(f"ops.{table}" for table in BUILD_TABLES)
    connection.execute(text(f"grant insert, update, delete on {tables} to {Role.TRANSFORMER.user}"))


def grant_database(connection: Connection) -> None:
    """Let the roles, and nobody else, connect to this database (a copied database has no grants)."""
    name = connection.scalar(text("select quote_ident(current_database())"))
    connection.execute(text(f"revoke all on database {name} from public"))
    for role, privileges in DATABASE_PRIVILEGES.items():
        connection.execute(text(f"grant {privileges} on database {name} to {role.user}"))


def _may_create_roles(connection: Connection) -> bool:
    query = "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
    return bool(connection.scalar(text(query)))


def _lets_in(url: URL, login: Login) -> bool:
    engine = engine_of(url.set(username=login.user, password=login.password))
    try:
        with engine.connect():
            return True
    except ServerUnavailableError:
        return False
    finally:
        engine.dispose()


def _set_password(connection: Connection, login: Login) -> None:
    # Hashed here, so that no statement in a server's log holds a password.
    driver: psycopg.Connection[object] | None = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("The migration has no connection to the database.")
    verifier = driver.pgconn.encrypt_password(login.password.encode(), login.user.encode(), b"scram-sha-256")
    # By the driver, because SQLAlchemy would take the colons in it for parameters.
    driver.execute(
        sql.SQL("alter role {} password {}").format(
            sql.Identifier(login.user), sql.Literal(verifier.decode())
        )
    )


def _ensure_default(connection: Connection, role: Role, name: str, value: str) -> None:
    query = text(
        "select :setting = any (setconfig) from pg_db_role_setting"
        " where setdatabase = 0 and setrole = (select oid from pg_roles where rolname = :role)"
    )
    if not connection.scalar(query, {"setting": f"{name}={value}", "role": role.user}):
        connection.execute(text(f"alter role {role.user} set {name} = '{value}'"))


def _become_member(connection: Connection, role: Role) -> None:
    """Make an owner who is no superuser a member, without whom it cannot give the role a schema."""
    # From version 16 on, who creates a role may administer it, but is not yet a member that can set it.
    kinds = ("usage", "set") if _server_version(connection) >= 160_000 else ("usage",)
    has_role = text("select pg_has_role(:role, :kind)")
    if not all(connection.scalar(has_role, {"role": role.user, "kind": kind}) for kind in kinds):
        connection.execute(text(f"grant {role.user} to current_user"))


def _server_version(connection: Connection) -> int:
    return int(connection.scalar(text("show server_version_num")))
