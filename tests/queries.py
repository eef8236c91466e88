"""What tests ask the warehouse."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from dpg_warehouse.database import Role, engine, engine_of, owner_url
from dpg_warehouse.settings import Settings


def rows(settings: Settings, statement: str, role: Role = Role.LOADER, **parameters: Any) -> list[Any]:
    """The rows of a query as tuples."""
    with engine(settings, role).connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), parameters)]


def value(settings: Settings, statement: str, role: Role = Role.LOADER, **parameters: Any) -> Any:
    """The one value of a query."""
    ((only,),) = rows(settings, statement, role, **parameters)
    return only


def everything_as_text(settings: Settings) -> str:
    """Every row of every table of the warehouse as text, for tests of what must be nowhere."""
    parts: list[str] = []
    with engine_of(owner_url(settings)).connect() as connection:
        tables = connection.execute(
            text("""
                select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
                where schemaname not in ('pg_catalog', 'information_schema')
            """)
        )
        for (table,) in list(tables):
            parts += list(connection.execute(text(f"select t::text from {table} as t")).scalars())
    return "\n".join(parts)


def marts_rows(settings: Settings) -> dict[str, list[str]]:
    """Every published row without its publish_id, by table and in an order of its own."""
    published = {}
    for (table,) in rows(
        settings, "select tablename from pg_tables where schemaname = 'marts'", Role.BI_READER
    ):
        statement = f"select (to_jsonb(m) - 'publish_id' - 'published_at' - 'built_at')::text from marts.{table} as m order by 1"  # noqa: E501
        published[table] = [row for (row,) in rows(settings, statement, Role.BI_READER)]
    return published
