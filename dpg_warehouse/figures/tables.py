"""The tables between the two runs of dbt: rows as they go in, and the one way to write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, text

Row = dict[str, Any]
# The rows of each released table.
Rows = dict[str, list[Row]]

TABLES = (
    "released_waves",
    "released_shares",
    "released_changes",
    "released_summaries",
    "released_responses",
    "released_needs",
)
_DEFINITION = Path(__file__).with_name("released_tables.sql")


def no_rows() -> Rows:
    """Every table, empty."""
    return {table: [] for table in TABLES}


def write_tables(connection: Connection, schema: str, rows: Mapping[str, Sequence[Row]]) -> None:
    """Make the released tables anew in the schema, with these rows."""
    for statement in _DEFINITION.read_text(encoding="utf-8").replace("{schema}", schema).split(";"):
        if statement.strip():
            connection.execute(text(statement))
    for table in TABLES:
        connection.execute(
            text(f"""
                insert into {schema}.{table}
                select * from jsonb_populate_recordset(null::{schema}.{table}, cast(:rows as jsonb))
            """),  # noqa: S608 - names of our own tables
            {"rows": orjson.dumps(rows[table]).decode()},
        )
        connection.execute(text(f"analyze {schema}.{table}"))
