"""Finds what landing holds of one respondent, under whatever name a person may know them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, text

from dpg_warehouse.landing.tombstones import SERVER_FIELD, Identifier, Kind, identifiers_of

_FIND = text("""
    with matching as (
        select payloads.source_id, payloads.payload_no, payloads.record_key, payloads.payload
        from landing.payloads as payloads
        where
            payloads.source_id = :source_id
            and payloads.record_type = 'record'
            and (
                payloads.record_key = any(cast(:keys as text[]))
                or payloads.payload ->> :server_field = any(cast(:numbers as text[]))
                or exists (
                    select 1 from unnest(cast(:link_fields as text[])) as link (field)
                    where payloads.payload ->> link.field = any(cast(:links as text[]))
                )
            )
    )
    select
        matching.payload_no, matching.record_key, matching.payload, loads.wave_id,
        array_agg(loads.load_id) as load_ids
    from matching
    inner join landing.memberships as memberships
        on
            matching.source_id = memberships.source_id
            and memberships.payload_nos @> array[matching.payload_no]
    inner join ops.loads as loads on memberships.load_id = loads.load_id
    where loads.wave_id = :wave_id or cast(:wave_id as text) is null
    group by matching.payload_no, matching.record_key, matching.payload, loads.wave_id
""")
_FIND_FAULTS = text("""
    select faults.load_id, faults.fault_no, faults.record_key, faults.payload, loads.wave_id
    from landing.faults as faults
    inner join ops.loads as loads on faults.load_id = loads.load_id
    where
        faults.source_id = :source_id
        and (loads.wave_id = :wave_id or cast(:wave_id as text) is null)
        and (
            faults.record_key = any(cast(:keys as text[]))
            or faults.payload ->> :server_field = any(cast(:numbers as text[]))
            or exists (
                select 1 from unnest(cast(:link_fields as text[])) as link (field)
                where faults.payload ->> link.field = any(cast(:links as text[]))
            )
        )
""")


@dataclass(frozen=True)
class Respondent:
    """One respondent of a source: every name of theirs, and where landing holds something of them."""

    source_id: str
    wave_id: str | None  # only this wave; None: wherever they answered
    identifiers: frozenset[Identifier]
    link_fields: tuple[str, ...] = field(repr=False, default=())
    payload_nos: frozenset[int] = frozenset()
    load_ids: frozenset[int] = frozenset()
    faults: frozenset[tuple[int, int]] = frozenset()  # load and number of the fault
    waves: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether landing holds anything of them."""
        return bool(self.payload_nos or self.faults)

    def values(self, *kinds: Kind) -> list[str]:
        """The identifiers of these kinds; of every kind where none is named."""
        return sorted({value for kind, value in self.identifiers if not kinds or kind in kinds})


def find_respondent(
    connection: Connection,
    source_id: str,
    names: Iterable[str],
    link_fields: Sequence[str],
    wave_id: str | None = None,
) -> Respondent:
    """Who goes by one of these names: a record's key, a server's number, or what links their answers.

    Other answers of theirs are found by their link. A number finds nobody but the one whose record has
    it: another wave's server may have given it to another person.
    """
    asked = frozenset((kind, name) for name in names for kind in Kind)
    known: frozenset[Identifier] = frozenset()
    found = _look(connection, Respondent(source_id, wave_id, asked, tuple(link_fields)))
    while found.is_known and found.identifiers != known:
        known = found.identifiers
        wider = asked | {one for one in known if one[0] is not Kind.SERVER_NUMBER}
        found = _look(connection, replace(found, identifiers=wider))
    return found


def _look(connection: Connection, asked: Respondent) -> Respondent:
    """Everything that the identifiers asked for name, with all that it is named by."""
    parameters = {
        "source_id": asked.source_id,
        "wave_id": asked.wave_id,
        "server_field": SERVER_FIELD,
        "link_fields": list(asked.link_fields),
        "keys": asked.values(Kind.RECORD_KEY),
        "numbers": asked.values(Kind.SERVER_NUMBER),
        "links": asked.values(Kind.LINK),
    }
    rows = connection.execute(_FIND, parameters).all()
    faults = connection.execute(_FIND_FAULTS, parameters).all()
    if not rows and not faults:
        return asked
    named = [identifiers_of(row.record_key, row.payload, asked.link_fields) for row in (*rows, *faults)]
    return Respondent(
        asked.source_id,
        asked.wave_id,
        frozenset[Identifier]().union(*named),
        asked.link_fields,
        frozenset(row.payload_no for row in rows),
        frozenset(number for row in rows for number in row.load_ids) | {row.load_id for row in faults},
        frozenset((row.load_id, row.fault_no) for row in faults),
        tuple(sorted({row.wave_id for row in (*rows, *faults) if row.wave_id})),
    )
