"""Lands a pull: its new payloads by COPY, its membership as one array, its faults, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text

from dpg_warehouse.landing.content import Content, content_of, fault_digest, pull_digest
from dpg_warehouse.landing.loads import find_load, lock_source
from dpg_warehouse.landing.tombstones import leave_out_forgotten, read_tombstones
from dpg_warehouse.records import Fault, FaultKind, Load, Pull, ShapeError


def land_pull(
    connection: Connection,
    load_id: int,
    source_id: str,
    wave_id: str | None,
    pull: Pull,
    link_field: str | None = None,
) -> Load:
    """Land the pull under `load_id`, or return the load that already holds the same content.

    Forgotten respondents are left out before anything is hashed; `link_field` is the field that names a
    respondent in every answer and wave. A load that already holds the content is one of the same source,
    feed, wave and date that neither failed nor was superseded; the row of `load_id` is then taken away,
    since nothing new was loaded.
    """
    with connection.begin():
        lock_source(connection, source_id)
        tombstones = read_tombstones(connection, source_id)
        pull, forgotten_count = leave_out_forgotten(tombstones, wave_id, pull, link_field)
        contents = [content_of("record", record.key, record.payload) for record in pull.records]
        forms = [content_of("form", form.key, form.payload) for form in pull.forms]
        digest = pull_digest([*contents, *forms], pull)
        same = _same_load(connection, source_id, wave_id, pull, digest)
        if same is not None:
            _keep_facts(connection, same, load_id, pull, forgotten_count)
            connection.execute(text("delete from ops.loads where load_id = :load_id"), {"load_id": load_id})
            return find_load(connection, same)
        new_count = _copy_new_payloads(connection, source_id, load_id, [*contents, *forms])
        _insert_membership(connection, source_id, load_id, contents, forms)
        _copy_faults(connection, source_id, load_id, pull.faults)
        counts = {"new_count": new_count, "forgotten_count": forgotten_count}
        _mark_landed(connection, load_id, pull, digest, counts)
        return find_load(connection, load_id)


def reject_shape(connection: Connection, load_id: int, source_id: str, error: ShapeError) -> Load:
    """A pull of unknown shape is rejected as it stands; its faults list the difference."""
    faults = [Fault(FaultKind.UNKNOWN_SHAPE, detail=line) for line in error.difference]
    with connection.begin():
        _copy_faults(connection, source_id, load_id, faults)
        connection.execute(
            text("""
                update ops.loads set status = 'rejected', reason = :reason, finished_at = now()
                where load_id = :load_id
            """),
            {"load_id": load_id, "reason": str(error)},
        )
        return find_load(connection, load_id)


def _cursor(connection: Connection) -> Cursor[Any]:
    """The driver's own cursor, in the transaction of the SQLAlchemy connection: COPY needs it."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the engine's driver is psycopg
    return driver.cursor()


def _same_load(
    connection: Connection, source_id: str, wave_id: str | None, pull: Pull, digest: bytes
) -> int | None:
    found: int | None = connection.execute(
        text("""
            select load_id from ops.loads
            where source_id = :source_id and content_hash = :digest and feed = :feed
                and wave_id is not distinct from :wave_id and as_of = :as_of
                and status in ('landed', 'accepted', 'rejected', 'held', 'withdrawn')
            order by load_id desc
            limit 1
        """),
        {
            "source_id": source_id,
            "digest": digest,
            "feed": pull.feed,
            "wave_id": wave_id,
            "as_of": pull.as_of,
        },
    ).scalar_one_or_none()
    return found


def _keep_facts(
    connection: Connection, load_id: int, repeated_id: int, pull: Pull, forgotten_count: int
) -> None:
    """What a repeated pull says better than the load that has its content.

    A source that stated a wrong count and now states the right one has made the same load whole, as has
    one that deleted a respondent who was forgotten; and a field that lands only now but is blank
    everywhere is no longer one that never landed.
    """
    connection.execute(
        text("""
            update ops.loads set landed_fields = repeated.landed_fields
            from ops.loads as repeated
            where loads.load_id = :load_id and repeated.load_id = :repeated_id
        """),
        {"load_id": load_id, "repeated_id": repeated_id},
    )
    connection.execute(
        text("""
            update ops.loads set
                expected_count = :expected, received_count = :received, forgotten_count = :forgotten
            where load_id = :load_id and status <> 'accepted'
        """),
        {
            "load_id": load_id,
            "expected": pull.expected_count,
            "received": pull.received_count,
            "forgotten": forgotten_count,
        },
    )


def _copy_new_payloads(
    connection: Connection, source_id: str, load_id: int, contents: Sequence[Content]
) -> int:
    """COPY the payloads that landing doesn't hold yet; returns how many those were."""
    digests = list({content.digest for content in contents})
    known: set[bytes] = set(
        connection.execute(
            text("""
                select content_hash from landing.payloads
                where source_id = :source_id and content_hash = any(cast(:digests as bytea[]))
            """),
            {"source_id": source_id, "digests": digests},
        ).scalars()
    )
    new = {content.digest: content for content in contents if content.digest not in known}
    statement = """copy landing.payloads
        (source_id, record_type, record_key, content_hash, payload, first_load_id) from stdin"""
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        for content in new.values():
            copy.write_row(
                (
                    source_id,
                    content.record_type,
                    content.key,
                    content.digest,
                    content.text.decode(),
                    load_id,
                )
            )
    return len(new)


def _insert_membership(
    connection: Connection,
    source_id: str,
    load_id: int,
    contents: Sequence[Content],
    forms: Sequence[Content],
) -> None:
    connection.execute(
        text("""
            insert into landing.memberships (source_id, load_id, payload_nos, form_nos)
            select
                :source_id,
                :load_id,
                coalesce(array_agg(payload_no order by payload_no)
                    filter (where content_hash = any(cast(:records as bytea[]))), '{}'),
                coalesce(array_agg(payload_no order by payload_no)
                    filter (where content_hash = any(cast(:forms as bytea[]))), '{}')
            from landing.payloads
            where source_id = :source_id
                and content_hash = any(cast(:records as bytea[]) || cast(:forms as bytea[]))
        """),
        {
            "source_id": source_id,
            "load_id": load_id,
            "records": [content.digest for content in contents],
            "forms": [content.digest for content in forms],
        },
    )


def _copy_faults(connection: Connection, source_id: str, load_id: int, faults: Sequence[Fault]) -> None:
    statement = """copy landing.faults
        (source_id, load_id, fault_no, kind, position, record_key, detail, payload, content_hash)
        from stdin"""
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        for number, fault in enumerate(faults, 1):
            payload = None if fault.payload is None else Jsonb(fault.payload)
            copy.write_row(
                (
                    source_id,
                    load_id,
                    number,
                    fault.kind.value,
                    fault.position,
                    fault.record_key,
                    fault.detail,
                    payload,
                    fault_digest(fault),
                )
            )


def _mark_landed(
    connection: Connection, load_id: int, pull: Pull, digest: bytes, counts: dict[str, int]
) -> None:
    connection.execute(
        text("""
            update ops.loads set status = 'landed', feed = :feed, as_of = :as_of, is_live = :is_live,
                location = :location, format = :format, data_origin = :data_origin,
                expected_count = :expected, received_count = :received,
                new_payload_count = :new_count, forgotten_count = :forgotten_count,
                content_hash = :digest
            where load_id = :load_id
        """),
        counts
        | {
            "load_id": load_id,
            "feed": pull.feed,
            "as_of": pull.as_of,
            "is_live": pull.is_live,
            "location": pull.location,
            "format": pull.format,
            "data_origin": pull.data_origin,
            "expected": pull.expected_count,
            "received": pull.received_count,
            "digest": digest,
        },
    )
