"""Who was forgotten: keyed hashes of identifiers, by which later pulls are filtered."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from dpg_warehouse.landing.identifiers import Identifier, identifiers_of
from dpg_warehouse.records import Fault, Pull, Record

DIGEST_BYTES = 32


@dataclass(frozen=True)
class Tombstones:
    """The hashes of the identifiers that a source forgot, and the key that makes them."""

    source_id: str
    key: bytes
    hashes: frozenset[bytes]

    def cover(self, identifiers: Iterable[Identifier]) -> bool:
        """Whether one of the identifiers was forgotten."""
        return any(_hash(self.key, self.source_id, one) in self.hashes for one in identifiers)


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


def forgotten_of(
    connection: Connection, source_id: str, identifiers: Iterable[Identifier]
) -> frozenset[Identifier]:
    """Those of the identifiers that have a tombstone."""
    tombstones = read_tombstones(connection, source_id)
    return frozenset(one for one in identifiers if tombstones is not None and tombstones.cover([one]))


def set_tombstones(
    connection: Connection, source_id: str, identifiers: Iterable[Identifier], reason: str
) -> int:
    """Keep a tombstone for each identifier; returns how many are new."""
    key = _ensure_key(connection)
    hashes = [_hash(key, source_id, identifier) for identifier in sorted(set(identifiers))]
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
    tombstones: Tombstones | None, wave_id: str | None, pull: Pull, link_field: str | None
) -> tuple[Pull, int]:
    """The pull without forgotten respondents' records and faults, and how many received ones those were."""
    if tombstones is None:
        return pull, 0

    def is_kept(received: Record | Fault) -> bool:
        key = received.key if isinstance(received, Record) else received.record_key
        return not tombstones.cover(identifiers_of(wave_id, key, received.payload, link_field))

    records = tuple(filter(is_kept, pull.records))
    faults = tuple(filter(is_kept, pull.faults))
    forgotten_count = len(pull.records) - len(records) + len(pull.faults) - len(faults)
    return replace(pull, records=records, faults=faults), forgotten_count


def _ensure_key(connection: Connection) -> bytes:
    connection.execute(
        text("insert into ops.tombstone_key (key) values (:key) on conflict do nothing"),
        {"key": secrets.token_bytes(DIGEST_BYTES)},
    )
    return bytes(connection.execute(text("select key from ops.tombstone_key")).scalar_one())


def _hash(key: bytes, source_id: str, identifier: Identifier) -> bytes:
    digest = hashlib.blake2b(key=key, digest_size=DIGEST_BYTES)
    for part in (source_id, identifier.wave_id, identifier.kind.value, identifier.value):
        digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return digest.digest()
