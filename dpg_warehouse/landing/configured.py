"""Keeps each distinct configuration of a source as rows, where gate 1 and dbt read it."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, text

from dpg_warehouse import __version__
from dpg_warehouse.configuration import Source
from dpg_warehouse.records import UsageError

_INSERT_CONFIGURATION = text("""
    insert into ops.configurations (config_hash, source_id, code_version)
    values (:config_hash, :source_id, :code_version)
    on conflict do nothing
    returning config_hash
""")
_INSERT_ROWS = text("""
    insert into ops.configuration_rows (config_hash, source_id, file, row_no, content)
    values (:config_hash, :source_id, :file, :row_no, cast(:content as jsonb))
""")


def store_configuration(connection: Connection, source: Source) -> str:
    """Store the source's configuration unless it is there already; return its hash."""
    key = {"config_hash": source.config_hash, "source_id": source.source_id}
    is_new = connection.execute(_INSERT_CONFIGURATION, key | {"code_version": __version__}).first()
    if is_new and source.configuration_rows:
        connection.execute(
            _INSERT_ROWS,
            [
                key | {"file": file, "row_no": row_no, "content": orjson.dumps(content).decode()}
                for file, row_no, content in source.configuration_rows
            ],
        )
    return source.config_hash


def check_pseudonym_key(connection: Connection, fingerprint: str) -> None:
    """Remember the key's fingerprint the first time; raise UsageError where another key is used later.

    Two keys in one warehouse would give one respondent two pseudonyms.
    """
    connection.execute(
        text("insert into ops.pseudonym_key (fingerprint) values (:fingerprint) on conflict do nothing"),
        {"fingerprint": fingerprint},
    )
    stored: str = connection.execute(text("select fingerprint from ops.pseudonym_key")).scalar_one()
    if stored != fingerprint:
        raise UsageError(
            "DPGW_PSEUDONYM_KEY is not the key that made the stored pseudonyms; set the former key again."
        )
