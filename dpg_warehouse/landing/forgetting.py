"""Erases one respondent from landing and ops, and hashes the affected loads again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, text

from dpg_warehouse.landing.content import fault_digest, load_digest
from dpg_warehouse.landing.identifiers import Kind
from dpg_warehouse.landing.loads import NOT_ABOUT_RECORDS, lock_against_judging, lock_source
from dpg_warehouse.landing.redaction import Redaction, redact_configurations, redact_verdicts
from dpg_warehouse.landing.respondents import Respondent, Search, asked_of, find_respondent
from dpg_warehouse.landing.tombstones import set_tombstones
from dpg_warehouse.records import Fault, FaultKind


@dataclass(frozen=True)
class Erasure:
    """What was erased, as counts."""

    payload_count: int = 0
    fault_count: int = 0
    load_count: int = 0
    verdict_count: int = 0  # verdicts and reasons that named the respondent
    configuration_count: int = 0  # rows of stored configurations that did
    tombstone_count: int = 0  # those that are new


def forget(connection: Connection, search: Search, reason: str, waves: Iterable[str | None]) -> Erasure:
    """Erase the respondent who is searched, in the transaction of `connection`.

    Of somebody whom landing doesn't hold, `waves` are those whose pulls to come leave the name out.

    Waits until no load of the source is being judged: a verdict that is written afterwards would name
    them. Repeatable: the second time there is nothing left to erase.
    """
    lock_against_judging(connection, search.source_id)
    lock_source(connection, search.source_id)
    respondent = find_respondent(connection, search)
    if not respondent.is_known:
        respondent = Respondent(search.source_id, asked_of(search, waves))
    redaction_of = partial(redaction_in_wave, search, respondent)
    tombstones = set_tombstones(
        connection, search.source_id, respondent.identifiers, redaction_of(None).within(reason)
    )
    _count_as_forgotten(connection, respondent)
    faults = _delete_faults(connection, respondent)
    payloads = _delete_payloads(connection, respondent)
    _delete_digests(connection, respondent)
    for load_id in sorted(respondent.load_ids):
        _hash_again(connection, search.source_id, load_id)
    return Erasure(
        payloads,
        faults,
        len(respondent.load_ids),
        redact_verdicts(connection, search.source_id, redaction_of),
        redact_configurations(connection, search.source_id, redaction_of),
        tombstones,
    )


def redaction_in_wave(search: Search, respondent: Respondent, wave_id: str | None) -> Redaction:
    """What names the respondent in a wave; in every wave where none is given.

    The name that was searched may be another spelling than what is stored, in the waves where they are.
    """
    is_there = wave_id in (None, search.wave_id, *respondent.waves)
    keys = respondent.keys(wave_id)
    return Redaction.of(keys.union(search.names) if is_there else keys, respondent.links)


def _parameters(respondent: Respondent) -> dict[str, object]:
    members, faults = sorted(respondent.members), sorted(respondent.faults)
    return {
        "source_id": respondent.source_id,
        "load_ids": sorted(respondent.load_ids),
        "member_loads": [load_id for load_id, _ in members],
        "payload_nos": [payload_no for _, payload_no in members],
        "fault_loads": [load_id for load_id, _ in faults],
        "fault_nos": [fault_no for _, fault_no in faults],
    }


def _count_as_forgotten(connection: Connection, respondent: Respondent) -> None:
    """What a load received is its members, its faults and who was forgotten."""
    connection.execute(
        text("""
            update ops.loads set forgotten_count = forgotten_count + (
                select count(*)
                from unnest(cast(:member_loads as bigint[]) || cast(:fault_loads as bigint[]))
                    as item (load_id)
                where item.load_id = loads.load_id
            )
            where load_id = any(cast(:load_ids as bigint[]))
        """),
        _parameters(respondent),
    )


def _delete_faults(connection: Connection, respondent: Respondent) -> int:
    deleted = connection.execute(
        text("""
            delete from landing.faults
            using unnest(cast(:fault_loads as bigint[]), cast(:fault_nos as integer[]))
                as forgotten (load_id, fault_no)
            where faults.source_id = :source_id
                and faults.load_id = forgotten.load_id and faults.fault_no = forgotten.fault_no
        """),
        _parameters(respondent),
    ).rowcount
    connection.execute(
        text("""
            update ops.loads set tolerated_count = (
                select count(*) from landing.faults
                where faults.source_id = loads.source_id and faults.load_id = loads.load_id
                    and kind <> all(:not_about_records)
            )
            where load_id = any(cast(:load_ids as bigint[])) and tolerated_count is not null
        """),
        _parameters(respondent) | {"not_about_records": NOT_ABOUT_RECORDS},
    )
    return deleted


def _delete_payloads(connection: Connection, respondent: Respondent) -> int:
    """Take the payloads out of the loads' arrays, and away where no other load holds them.

    An equal answer of somebody else, in a wave that numbers its respondents anew, is the same payload.
    """
    connection.execute(
        text("""
            update landing.memberships set payload_nos = array(
                select member.payload_no from unnest(payload_nos) as member (payload_no)
                where not exists (
                    select 1
                    from unnest(cast(:member_loads as bigint[]), cast(:payload_nos as integer[]))
                        as forgotten (load_id, payload_no)
                    where forgotten.load_id = memberships.load_id
                        and forgotten.payload_no = member.payload_no
                )
                order by member.payload_no
            )
            where source_id = :source_id and load_id = any(cast(:member_loads as bigint[]))
        """),
        _parameters(respondent),
    )
    first_loads: Sequence[int] = (
        connection.execute(
            text("""
            delete from landing.payloads
            where source_id = :source_id and payload_no = any(cast(:payload_nos as integer[]))
                and not exists (
                    select 1 from landing.memberships
                    where memberships.source_id = payloads.source_id
                        and memberships.payload_nos @> array[payloads.payload_no]
                )
            returning first_load_id
        """),
            _parameters(respondent),
        )
        .scalars()
        .all()
    )
    counts = Counter(first_loads)
    for load_id, count in counts.items():
        connection.execute(
            text("""
                update ops.loads set new_payload_count = new_payload_count - :count
                where load_id = :load_id
            """),
            {"load_id": load_id, "count": count},
        )
    return counts.total()


def _delete_digests(connection: Connection, respondent: Respondent) -> None:
    """The digests by which releases tell who changed; a release's own count still includes them."""
    keys = [one for one in sorted(respondent.identifiers) if one.kind is Kind.RECORD_KEY]
    connection.execute(
        text("""
            delete from ops.release_answers
            using unnest(cast(:waves as text[]), cast(:keys as text[])) as forgotten (wave_id, record_key)
            where source_id = :source_id
                and release_answers.wave_id = forgotten.wave_id and response_id = forgotten.record_key
        """),
        {
            "source_id": respondent.source_id,
            "waves": [one.wave_id for one in keys],
            "keys": [one.value for one in keys],
        },
    )


def _hash_again(connection: Connection, source_id: str, load_id: int) -> None:
    """The hash that the same pull has from now on, so that it still is the same load."""
    key: dict[str, object] = {"source_id": source_id, "load_id": load_id}
    load = (
        connection.execute(text("select feed, format from ops.loads where load_id = :load_id"), key)
        .mappings()
        .one()
    )
    members: Sequence[bytes] = (
        connection.execute(
            text("""
            select payloads.content_hash from landing.memberships as memberships
            inner join landing.payloads as payloads
                on memberships.source_id = payloads.source_id
                and payloads.payload_no = any(memberships.payload_nos || memberships.form_nos)
            where memberships.source_id = :source_id and memberships.load_id = :load_id
        """),
            key,
        )
        .scalars()
        .all()
    )
    connection.execute(
        text("update ops.loads set content_hash = :digest where load_id = :load_id"),
        key
        | {
            "digest": load_digest(
                load["feed"], load["format"], map(bytes, members), _fault_digests(connection, key)
            )
        },
    )


def _fault_digests(connection: Connection, key: dict[str, object]) -> list[bytes]:
    rows = connection.execute(
        text("""
            select content_hash, kind, record_key, detail, payload from landing.faults
            where source_id = :source_id and load_id = :load_id
        """),
        key,
    )
    # Faults that landed before revision 0002 have no hash of their own.
    return [
        bytes(row.content_hash)
        if row.content_hash is not None
        else fault_digest(Fault(FaultKind(row.kind), None, row.record_key, row.detail, row.payload))
        for row in rows
    ]
