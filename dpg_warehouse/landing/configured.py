"""Keeps each distinct configuration of a source as rows, where gate 1 and dbt read it."""

from __future__ import annotations

import re
from typing import Any

import orjson
from sqlalchemy import Connection, text

from dpg_warehouse import __version__
from dpg_warehouse.configuration import Source
from dpg_warehouse.landing.identifiers import Identifier, Kind, record_identifiers
from dpg_warehouse.landing.loads import lock_source
from dpg_warehouse.landing.redaction import FORGOTTEN, NAMING_FILES
from dpg_warehouse.landing.tombstones import Tombstones, read_tombstones
from dpg_warehouse.records import UsageError

# A key may hold dots and the like; what stands around it in a sentence is no part of it.
_WORD = re.compile(r"[^\s,;()\[\]\"']+(?<![.:!?])")
_PART = re.compile(r"[\w:-]+")
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
    """Store the source's configuration unless it is there already; return its hash.

    What its files say of forgotten respondents is not stored.
    """
    key = {"config_hash": source.config_hash, "source_id": source.source_id}
    is_new = connection.execute(_INSERT_CONFIGURATION, key | {"code_version": __version__}).first()
    if is_new and source.configuration_rows:
        lock_source(connection, source.source_id)  # whoever is being forgotten is forgotten first
        tombstones = read_tombstones(connection, source.source_id)
        connection.execute(
            _INSERT_ROWS,
            [
                key | {"file": file, "row_no": row_no, "content": orjson.dumps(kept).decode()}
                for file, row_no, content in source.configuration_rows
                if (kept := _without_forgotten(tombstones, file, content)) is not None
            ],
        )
    return source.config_hash


def _without_forgotten(
    tombstones: Tombstones | None, file: str, content: dict[str, Any]
) -> dict[str, Any] | None:
    """The row without mentions of forgotten respondents; None where it is about one of them."""
    if tombstones is None or file not in NAMING_FILES:
        return content
    wave_id = content.get("wave_id")
    if _is_forgotten(tombstones, wave_id, str(content.get("record_key"))):
        return None
    reason = str(content.get("reason") or "")
    redacted = _WORD.sub(lambda match: _redacted(tombstones, wave_id, match[0]), reason)
    return content if redacted == reason else content | {"reason": redacted}


def _redacted(tombstones: Tombstones, wave_id: str | None, word: str) -> str:
    """The word without what names a forgotten respondent: all of it, or a part between other signs."""
    if _is_forgotten(tombstones, wave_id, word):
        return FORGOTTEN
    return _PART.sub(lambda part: FORGOTTEN if _is_forgotten(tombstones, wave_id, part[0]) else part[0], word)


def _is_forgotten(tombstones: Tombstones, wave_id: str | None, name: str) -> bool:
    keys = (record_identifiers(wave_id, spelling) for spelling in (name, f"uuid:{name}"))
    return tombstones.cover(frozenset({Identifier(Kind.LINK, name)}).union(*keys))


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
