"""The registry of digital public goods: its public API, a snapshot file, or a folder of dated ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import orjson

from dpg_warehouse.connectors.gathering import Received, gather
from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.connectors.locations import (
    agreed_date,
    date_in_name,
    dated_file,
    is_url,
    live_date,
    read_document,
    resolve_path,
    shown,
)
from dpg_warehouse.connectors.personal_data import Protection, mask_contacts, mask_emails
from dpg_warehouse.connectors.registry_formats import Format
from dpg_warehouse.connectors.registry_shapes import Section, Snapshot, check_fields, clean, recognise
from dpg_warehouse.connectors.storable import first_unstorable, read_json, serialise
from dpg_warehouse.records import Fault, FaultKind, JsonObject, Pull, Record, ShapeError, UsageError

_TEST_NAME = re.compile(r"\s*test\b", re.IGNORECASE)


@connector("registry")
def fetch_registry(assignment: Assignment) -> Pull:
    """Fetch one snapshot of the registry from wherever it lies."""
    location = assignment.request.location or assignment.source.file.location or ""
    if is_url(location):
        return _fetch_live(assignment, location)
    return _fetch_file(assignment, location)


def _fetch_live(assignment: Assignment, location: str) -> Pull:
    as_of = live_date(assignment.request.as_of, assignment.today)
    connection = assignment.source.file.connection
    credentials = assignment.credentials
    parts = urlsplit(location)
    # A location of one's own may be on another server, which must not see the token.
    is_its_server = credentials is not None and urlsplit(credentials.base_url).netloc == parts.netloc
    token = credentials.token if credentials is not None and is_its_server else None
    with JsonClient(location, assignment.policy, token=token, connection=connection) as client:
        snapshot = recognise(client.get(parts.path or "/", parts.query or None))
    said = {"the calendar": as_of, "the document": snapshot.snapshot_date}
    return _pull(assignment, snapshot, location, said, is_live=True)


def _fetch_file(assignment: Assignment, location: str) -> Pull:
    asked = assignment.request.as_of
    folder = None if assignment.request.location else assignment.source.folder
    path = resolve_path(location, folder)
    if not path.exists():
        raise UsageError(f"There is no registry snapshot at {path}.")
    if path.is_dir():
        path = dated_file(path, asked)
    try:
        snapshot = recognise(read_json(read_document(path)))
    except ValueError as error:
        raise ShapeError(f"{path.name} is no complete JSON.") from error
    said = {"--as-of": asked, "its file name": date_in_name(path), "the document": snapshot.snapshot_date}
    return _pull(assignment, snapshot, str(path), said, is_live=False)


def _pull(
    assignment: Assignment, snapshot: Snapshot, location: str, said: dict[str, Any], *, is_live: bool
) -> Pull:
    as_of = agreed_date(said, assignment.today)
    file = assignment.source.file
    if snapshot.feed not in {feed.feed for feed in file.feeds}:
        raise UsageError(f"The document is of feed {snapshot.feed}, which {file.source_id} doesn't declare.")
    records, faults = read_snapshot(snapshot, assignment.protection)
    return Pull(
        feed=snapshot.feed,
        as_of=as_of,
        is_live=is_live,
        location=shown(location),
        format=snapshot.format,
        data_origin=snapshot.data_origin or file.data_origin,
        expected_count=None,  # no generation of the registry states how many records it has
        received_count=sum(len(section.items) for section in snapshot.sections),
        records=records,
        faults=faults,
    )


def read_snapshot(snapshot: Snapshot, protection: Protection) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records and faults of a recognised document, without personal data.

    Raises ShapeError where most records lack a required field, or have an unknown one.
    """
    positions = count(1)
    outcomes: list[Received | Fault] = []
    unknown: Counter[str] = Counter()
    for section in snapshot.sections:
        unknown_here: Counter[str] = Counter()
        outcomes.extend(_outcomes(section, protection, positions, unknown_here))
        objects = [item for item in section.items if isinstance(item, dict)]
        if objects:
            check_fields(section.format, objects, unknown_here)
        unknown += unknown_here
    records, faults = gather(outcomes)
    undeclared = [Fault(FaultKind.UNDECLARED_FIELD, detail=mask_emails(path)) for path in sorted(unknown)]
    return records, (*faults, *undeclared)


def _outcomes(
    section: Section, protection: Protection, positions: Iterator[int], unknown: Counter[str]
) -> Iterator[Received | Fault]:
    for item in section.items:
        position = next(positions)
        if not isinstance(item, dict):
            yield Fault(
                FaultKind.NOT_AN_OBJECT, position, detail=f"an item of {section.folder or 'the array'}"
            )
            continue
        raw = serialise(item)
        cleaned = _cleaned(raw, section.format, protection) if raw else _Cleaned({}, first_unstorable(item))
        if raw is None or cleaned.unstorable is not None:
            yield Fault(FaultKind.UNSTORABLE, position, detail=cleaned.unstorable or "")
            continue
        unknown.update(cleaned.unknown)
        yield _judge(cleaned.payload, section, position)


def _judge(payload: JsonObject, section: Section, position: int) -> Received | Fault:
    """Whether a cleaned record is one: it needs its key and its name, and must not be a test."""
    name = _text(payload.get("name"))
    key = _text(payload.get(section.format.key_field))
    if key and section.folder:
        key = f"{section.folder}/{key}"
    if name is None and key is None:
        without = " and ".join(dict.fromkeys((section.format.key_field, "name")))
        return Fault(FaultKind.FRAGMENT, position, None, f"without {without}", payload)
    if key is None:
        return Fault(FaultKind.NO_KEY, position, None, f"without {section.format.key_field}", payload)
    # A product that has a key and no name is landed: gate 1 rejects it, as nobody should overlook it.
    if name is not None and _TEST_NAME.match(name):
        return Fault(FaultKind.TEST_RECORD, position, key, "its name begins with test", payload)
    return Received(position, Record(key, payload))


def _text(value: Any) -> str | None:
    """A key or name as text; None where it is blank or neither text nor whole number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value).strip() or None


@dataclass(frozen=True)
class _Cleaned:
    payload: JsonObject
    unstorable: str | None = None  # the path of what Postgres can't hold
    unknown: frozenset[str] = frozenset()


@lru_cache(maxsize=1500)
def _cleaned(raw: bytes, shape: Format, protection: Protection) -> _Cleaned:
    """A record's known fields without personal data.

    Cached, because from one daily snapshot to the next hardly a record changes.
    """
    item = orjson.loads(raw)
    if (path := first_unstorable(item)) is not None:
        return _Cleaned({}, path)
    known, unknown = clean(item, shape)
    return _Cleaned(mask_contacts(protection.apply(known)), None, unknown)
