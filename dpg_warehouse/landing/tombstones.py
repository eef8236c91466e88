"""Who was forgotten: keyed hashes of identifiers, by which later pulls are filtered."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, text

from dpg_warehouse.records import JsonObject, Pull

DIGEST_BYTES = 32
# The field by which a server numbers a submission, beside the key of its record.
SERVER_FIELD = "_id"


class Kind(StrEnum):
    """What an identifier is, so that one wave's number never stands for another one's key."""

    RECORD_KEY = "key"
    SERVER_NUMBER = "number"
    LINK = "link"  # names the respondent in every answer and wave


Identifier = tuple[Kind, str]


@dataclass(frozen=True)
class Tombstones:
    """The hashes of the identifiers that a source forgot, and the key that makes them."""

    source_id: str
    key: bytes
    hashes: frozenset[bytes]

    def cover(self, wave_id: str | None, identifiers: Iterable[Identifier]) -> bool:
        """Whether one of the identifiers was forgotten, in that wave or in all of the source."""
        return any(
            _hash(self.key, self.source_id, scope, identifier) in self.hashes
            for identifier in identifiers
            for scope in {None, wave_id}
        )


def read_tombstones(connection: Connection, source_id: str) -> Tombstones | None:
    """The source's tombstones; None where nobody of it was forgotten."""
    rows = connection.execute(
        text("""
            select tombstone_key.key, tombstones.identifier_hash
            from ops.tombstones as tombstones cross join ops.tombstone_key as tombstone_key
            where tombstones.source_id = :source_id
        """),
        {"source_id": source_id},
    ).all()
    if not rows:
        return None
    return Tombstones(source_id, bytes(rows[0][0]), frozenset(bytes(row[1]) for row in rows))


def set_tombstones(
    connection: Connection,
    source_id: str,
    wave_id: str | None,
    identifiers: Iterable[Identifier],
    reason: str,
) -> int:
    """Keep a tombstone for each identifier; returns how many are new."""
    key = _ensure_key(connection)
    hashes = [_hash(key, source_id, wave_id, identifier) for identifier in sorted(set(identifiers))]
    return connection.execute(
        text("""
            insert into ops.tombstones (source_id, identifier_hash, reason)
            select :source_id, identifier_hash, :reason
            from unnest(cast(:hashes as bytea[])) as identifier_hash
            on conflict do nothing
        """),
        {"source_id": source_id, "hashes": hashes, "reason": reason},
    ).rowcount


def leave_out_forgotten(
    tombstones: Tombstones | None, wave_id: str | None, pull: Pull, link_fields: Sequence[str]
) -> tuple[Pull, int]:
    """The pull without forgotten respondents' records and faults, and how many received ones those were."""
    if tombstones is None:
        return pull, 0
    records = tuple(
        record
        for record in pull.records
        if not tombstones.cover(wave_id, identifiers_of(record.key, record.payload, link_fields))
    )
    faults = tuple(
        fault
        for fault in pull.faults
        if not tombstones.cover(wave_id, identifiers_of(fault.record_key, fault.payload, link_fields))
    )
    forgotten_count = len(pull.records) - len(records) + len(pull.faults) - len(faults)
    return replace(pull, records=records, faults=faults), forgotten_count


def identifiers_of(
    key: str | None, payload: JsonObject | None, link_fields: Sequence[str]
) -> frozenset[Identifier]:
    """All that names the respondent of one received record."""
    found = payload or {}
    named = [(Kind.RECORD_KEY, key), (Kind.SERVER_NUMBER, found.get(SERVER_FIELD))]
    named += [(Kind.LINK, found.get(field)) for field in link_fields]
    return frozenset((kind, value) for kind, value in named if isinstance(value, str) and value)


def _ensure_key(connection: Connection) -> bytes:
    connection.execute(
        text("insert into ops.tombstone_key (key) values (:key) on conflict do nothing"),
        {"key": secrets.token_bytes(DIGEST_BYTES)},
    )
    return bytes(connection.execute(text("select key from ops.tombstone_key")).scalar_one())


def _hash(key: bytes, source_id: str, wave_id: str | None, identifier: Identifier) -> bytes:
    digest = hashlib.blake2b(key=key, digest_size=DIGEST_BYTES)
    kind, value = identifier
    for part in (source_id, wave_id or "", kind.value, value.strip()):
        digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return digest.digest()
