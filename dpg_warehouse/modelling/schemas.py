"""The schemas that builds fill: those of builds as of a date, and what an erasure empties."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, text

from dpg_warehouse.database import Role
from dpg_warehouse.modelling.builds import Target

_FILLED = ("staging", "intermediate", "marts_build")
_READ_BY_ANALYSTS = ("intermediate", "marts_build")
_AS_OF_PREFIX = "asof_"


def make_as_of_schemas(connection: Connection, target: Target) -> tuple[str, ...]:
    """Make the target's schemas anew, for analysts to read; returns the names of those that they read."""
    drop_as_of_schemas(connection, target.schema_prefix)
    for name in _FILLED:
        connection.execute(text(f"create schema {target.schema(name)}"))
    analyst = Role.ANALYST.user
    readable = tuple(target.schema(name) for name in _READ_BY_ANALYSTS)
    for schema in readable:
        connection.execute(text(f"grant usage on schema {schema} to {analyst}"))
        connection.execute(
            text(f"alter default privileges in schema {schema} grant select on tables to {analyst}")
        )
    return readable


def drop_as_of_schemas(connection: Connection, prefix: str = _AS_OF_PREFIX) -> list[str]:
    """Drop the schemas of builds as of a date, or of the one date of `prefix`; returns their names."""
    schemas = _names(
        connection,
        """
        select nspname from pg_namespace
        where starts_with(nspname, :prefix) and pg_get_userbyid(nspowner) = current_user
        order by 1
        """,
        prefix=prefix,
    )
    for schema in schemas:
        connection.execute(text(f'drop schema "{schema}" cascade'))
    return schemas


def drop_old_as_of_schemas(connection: Connection, before: datetime) -> list[str]:
    """Drop the schemas of dates that nobody has built since `before`; returns their names."""
    kept: set[date] = set(
        connection.execute(
            text("select distinct as_of from ops.builds where as_of is not null and started_at >= :before"),
            {"before": before},
        ).scalars()
    )
    kept_prefixes = tuple(Target(as_of).schema_prefix for as_of in kept)
    every = _names(
        connection,
        "select nspname from pg_namespace where starts_with(nspname, :prefix) order by 1",
        prefix=_AS_OF_PREFIX,
    )
    old = {name[: len(_AS_OF_PREFIX) + 9] for name in every if not name.startswith(kept_prefixes)}
    return [schema for prefix in sorted(old) for schema in drop_as_of_schemas(connection, prefix)]


def empty_derived_tables(connection: Connection) -> int:
    """Empty the tables that the next build fills anew; returns how many."""
    tables = _names(
        connection,
        """
        select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
        where schemaname = any(:schemas) order by 1
        """,
        schemas=list(_FILLED),
    )
    if tables:
        connection.execute(text(f"truncate {', '.join(tables)}"))
    return len(tables)


def _names(connection: Connection, statement: str, **parameters: object) -> list[str]:
    return list(connection.execute(text(statement), parameters).scalars())
