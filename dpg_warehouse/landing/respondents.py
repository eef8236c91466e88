"""Finds what landing holds of one respondent, under whatever name a person may know them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from dpg_warehouse.landing.identifiers import (
    SERVER_FIELD,
    Identifier,
    Kind,
    identifiers_of,
    record_identifiers,
)
from dpg_warehouse.records import UsageError

_RECORDS = text("""
    with matching as (
        select payloads.source_id, payloads.payload_no, payloads.record_key, payloads.payload
        from landing.payloads as payloads
        where
            payloads.source_id = :source_id
            and payloads.record_type = 'record'
            and (
                btrim(payloads.record_key) = any(cast(:names as text[]))
                or exists (
                    select 1 from unnest(cast(:fields as text[])) as naming (field)
                    where btrim(payloads.payload ->> naming.field) = any(cast(:names as text[]))
                )
            )
    )
    select
        loads.load_id, loads.wave_id, matching.payload_no as item_no, matching.record_key, matching.payload
    from matching
    inner join landing.memberships as memberships
        on
            matching.source_id = memberships.source_id
            and memberships.payload_nos @> array[matching.payload_no]
    inner join ops.loads as loads on memberships.load_id = loads.load_id
""")
_FAULTS = text("""
    select loads.load_id, loads.wave_id, faults.fault_no as item_no, faults.record_key, faults.payload
    from landing.faults as faults
    inner join ops.loads as loads on faults.load_id = loads.load_id
    where
        faults.source_id = :source_id
        and (
            btrim(faults.record_key) = any(cast(:names as text[]))
            or exists (
                select 1 from unnest(cast(:fields as text[])) as naming (field)
                where btrim(faults.payload ->> naming.field) = any(cast(:names as text[]))
            )
        )
""")


@dataclass(frozen=True)
class Search:
    """Whom to look for.

    `names` are the spellings of a record's key or number, `link` is what a field that links would hold
    (links are stored as pseudonyms alone), `link_fields` is each wave's field that links. With `wave_id`
    somebody of that wave is meant; without, whoever goes by the name in any.
    """

    source_id: str
    names: tuple[str, ...]
    link: str | None = None
    wave_id: str | None = None
    link_fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Respondent:
    """One respondent of a source: every name of theirs, and where landing holds something of them."""

    source_id: str
    identifiers: frozenset[Identifier]
    members: frozenset[tuple[int, int]] = frozenset()  # load and number of the payload
    faults: frozenset[tuple[int, int]] = frozenset()  # load and number of the fault
    waves: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether landing holds anything of them."""
        return bool(self.members or self.faults)

    @property
    def load_ids(self) -> frozenset[int]:
        """The loads that hold something of them."""
        return frozenset(load_id for load_id, _ in self.members | self.faults)

    @property
    def payload_nos(self) -> frozenset[int]:
        """The payloads that are versions of theirs."""
        return frozenset(payload_no for _, payload_no in self.members)

    def keys(self, wave_id: str | None) -> frozenset[str]:
        """What their records go by in a wave; in every wave where none is given."""
        return frozenset(
            one.value
            for one in self.identifiers
            if one.kind is not Kind.LINK and wave_id in (None, one.wave_id)
        )

    @property
    def links(self) -> frozenset[str]:
        """What names them in every wave."""
        return frozenset(one.value for one in self.identifiers if one.kind is Kind.LINK)


@dataclass(frozen=True)
class _Item:
    """A member or a fault of a load, with everything that names its respondent."""

    load_id: int
    item_no: int
    is_fault: bool
    wave_id: str | None
    identifiers: frozenset[Identifier]


def find_respondent(connection: Connection, search: Search) -> Respondent:
    """Who goes by the name that is searched; raise UsageError where that may be several people.

    Equal keys of two waves are two people unless a link says otherwise. In the wave that a search names,
    a key comes before a server's number, and that before a link. Of somebody whom landing doesn't hold,
    `identifiers` are what the name may be.
    """
    asked = asked_of(search, waves_of(connection, search.source_id))
    items = _look(connection, search, asked)
    if search.wave_id is not None:
        items = [item for item in items if item.wave_id == search.wave_id]
    named = asked.intersection(one for item in items for one in item.identifiers)
    if search.wave_id is not None:
        first = next((kind for kind in Kind if any(one.kind is kind for one in named)), None)
        named = frozenset(one for one in named if one.kind is first)
    people = {_widen(connection, search, one) for one in named}
    if len(people) > 1:
        raise UsageError(_which(search, named))
    return next(iter(people), Respondent(search.source_id, asked))


def asked_of(search: Search, waves: Iterable[str | None]) -> frozenset[Identifier]:
    """Everything that the name may be: in the wave that is searched, else in every one of `waves`."""
    searched = waves if search.wave_id is None else (search.wave_id,)
    records = (record_identifiers(wave_id, name) for wave_id in searched for name in search.names)
    links = {Identifier(Kind.LINK, search.link)} if search.link else set()
    return frozenset(links).union(*records)


def waves_of(connection: Connection, source_id: str) -> frozenset[str | None]:
    """The waves of which anything was ever pulled; None stands for a source without waves."""
    statement = text("select distinct wave_id from ops.loads where source_id = :source_id")
    return frozenset(connection.execute(statement, {"source_id": source_id}).scalars())


def link_fields(connection: Connection, source_id: str) -> dict[str, str]:
    """The field that links of each wave that ever was configured, as its newest stored files have it."""
    rows = connection.execute(
        text("""
            select distinct on (wave_id) wave_id, link_field
            from (
                select content ->> 'wave_id' as wave_id, content ->> 'link_field' as link_field, loaded_at
                from ops.configuration_rows
                inner join ops.configurations using (source_id, config_hash)
                where source_id = :source_id and file = 'waves'
            ) as waves
            where link_field <> ''
            order by wave_id, loaded_at desc
        """),
        {"source_id": source_id},
    )
    return {row.wave_id: row.link_field for row in rows}


def _which(search: Search, named: frozenset[Identifier]) -> str:
    said = {Kind.RECORD_KEY: "a record", Kind.SERVER_NUMBER: "a server's number", Kind.LINK: "a link"}
    where = [said[one.kind] + (f" of wave {one.wave_id}" if one.wave_id else "") for one in sorted(named)]
    return (
        f"In {search.source_id} this key names {', '.join(where)}, which may be different people: "
        "say with --wave whose record is meant."
    )


def _widen(connection: Connection, search: Search, asked: Identifier) -> Respondent:
    """The respondent whom an identifier names, by all that their records are named by."""
    known: frozenset[Identifier] = frozenset()
    found = frozenset({asked})
    items: list[_Item] = []
    while found != known:
        known = found
        items = [item for item in _look(connection, search, known) if item.identifiers & known]
        found = known.union(*(item.identifiers for item in items))
    return Respondent(
        search.source_id,
        frozenset[Identifier]().union(*(item.identifiers for item in items)),
        frozenset((item.load_id, item.item_no) for item in items if not item.is_fault),
        frozenset((item.load_id, item.item_no) for item in items if item.is_fault),
        tuple(sorted({item.wave_id for item in items if item.wave_id})),
    )


def _look(connection: Connection, search: Search, known: frozenset[Identifier]) -> list[_Item]:
    """Whatever holds one of the values, in whichever wave and as whatever kind."""
    parameters = {
        "source_id": search.source_id,
        "names": sorted({one.value for one in known}),
        "fields": sorted({SERVER_FIELD, *search.link_fields.values()}),
    }
    return [
        _Item(
            row.load_id,
            row.item_no,
            is_fault,
            row.wave_id,
            identifiers_of(
                row.wave_id, row.record_key, row.payload, search.link_fields.get(row.wave_id or "")
            ),
        )
        for statement, is_fault in ((_RECORDS, False), (_FAULTS, True))
        for row in connection.execute(statement, parameters)
    ]
