"""Exports of a survey as a delimited file or an XLSX workbook, with one or more header rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from dpg_warehouse.configuration import Wave
from dpg_warehouse.connectors.gathering import Received, gather
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.connectors.locations import agreed_date, is_url, resolve_path
from dpg_warehouse.connectors.personal_data import HEADER_JOINT
from dpg_warehouse.connectors.survey_fields import FieldRules, judge_response
from dpg_warehouse.connectors.tables import Row, delimited_rows, workbook_rows
from dpg_warehouse.records import Fault, Pull, ShapeError, UsageError


@dataclass(frozen=True)
class Columns:
    """A table's header: the name of each column, blank where it has none, and which of them land."""

    names: tuple[str, ...]
    landed: tuple[int, ...]


@connector("delimited", "xlsx")
def fetch_export(assignment: Assignment) -> Pull:
    """Fetch one wave from its export file."""
    source = assignment.source
    wave = source.wave(assignment.request.wave_id or "")
    if not wave.respondent_key:
        raise UsageError(f"Wave {wave.wave_id} needs `respondent_key`, the column that names a respondent.")
    rules = FieldRules(source.declared_fields(wave.wave_id), wave.ignore, assignment.protection)
    if rules.protection.drops(wave.respondent_key):
        raise UsageError(
            f"Wave {wave.wave_id} drops its respondent key {wave.respondent_key}; pseudonymise it instead."
        )
    as_of = _date(assignment, wave)
    path = _path(assignment, wave)
    rows = delimited_rows(path, wave) if wave.connector == "delimited" else workbook_rows(path, wave)
    columns = read_header(tuple(islice(rows, wave.header_rows)), wave, rules)
    body = tuple(row for row in rows if not row.is_blank)
    records, faults = gather(_judged(body, columns, wave, rules))
    return Pull(
        feed="responses",
        as_of=as_of,
        is_live=False,
        location=str(path),
        format=wave.connector,
        data_origin=wave.data_origin or source.file.data_origin,
        expected_count=None,
        received_count=len(body),
        records=records,
        faults=(*faults, *rules.field_faults(_found(columns, body), columns.names)),
    )


def header_names(rows: Sequence[Row], pattern: str | None) -> tuple[str, ...]:
    """The columns' names out of one or more header rows.

    Blank cells of all rows but the last take what stands to their left; the parts of a column are
    joined by ` | `, equal neighbours once; where `pattern` matches, its groups are the name, joined
    likewise.
    """
    names = []
    for parts in filled_header(rows):
        said = [part for part in parts if part]
        joined = HEADER_JOINT.join(part for n, part in enumerate(said) if n == 0 or part != said[n - 1])
        match = re.search(pattern, joined) if pattern else None
        found = filter(None, match.groups()) if match else ()
        names.append(HEADER_JOINT.join(found) or joined)
    return tuple(names)


def filled_header(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    """The header's texts of each column from top to bottom, blank cells filled from the left."""
    width = max((len(row.cells) for row in rows), default=0)
    padded = [row.cells + ("",) * (width - len(row.cells)) for row in rows]
    return tuple(zip(*[_filled(cells) for cells in padded[:-1]], *padded[-1:], strict=True))


def read_header(rows: Sequence[Row], wave: Wave, rules: FieldRules) -> Columns:
    """The columns of a table; raise ShapeError where a landed field or the respondent's key isn't one."""
    names = header_names(rows, wave.field_pattern)
    if wave.respondent_key not in names:
        raise ShapeError(
            f"The export of wave {wave.wave_id} has no column {wave.respondent_key}.",
            (f"expected a column {wave.respondent_key}", f"found {len(names)} columns of other names"),
        )
    landed = tuple(index for index, name in enumerate(names) if rules.is_landed(name))
    counts = Counter(names[index] for index in landed)
    twice = tuple(f"expected one column {name}, found {count}" for name, count in counts.items() if count > 1)
    if twice:
        raise ShapeError(f"The export of wave {wave.wave_id} has two columns of one name.", twice)
    return Columns(names, landed)


def _filled(cells: tuple[str, ...]) -> tuple[str, ...]:
    filled = []
    last = ""
    for cell in cells:
        last = cell or last
        filled.append(last)
    return tuple(filled)


def _judged(
    body: Sequence[Row], columns: Columns, wave: Wave, rules: FieldRules
) -> Iterator[Received | Fault]:
    key_field = wave.respondent_key or ""
    for position, row in enumerate(body, 1):
        _check_width(row, len(columns.names), may_be_short=wave.connector == "xlsx")
        cells = {columns.names[index]: row.cells[index] for index in columns.landed if index < len(row.cells)}
        payload = {name: cell for name, cell in cells.items() if cell}
        yield judge_response(position, payload, key_field, rules)


def _check_width(row: Row, width: int, *, may_be_short: bool) -> None:
    """Refuse a row of another width: a cut file ends in a short one, a stray quote makes a long one.

    Workbooks leave trailing blank cells out.
    """
    is_short = len(row.cells) < width and not may_be_short
    if is_short or any(row.cells[width:]):
        raise ShapeError(
            f"Line {row.line} has {len(row.cells)} cells under a header of {width}.",
            (f"expected {width} cells in every line", f"found {len(row.cells)} in line {row.line}"),
        )


def _found(columns: Columns, body: Sequence[Row]) -> Iterator[str]:
    """The names of the columns; one without a name counts where it says something."""
    for index, name in enumerate(columns.names):
        if name:
            yield name
        elif any(row.cells[index : index + 1] not in ((), ("",)) for row in body):
            yield f"column {index + 1}, which has no header"


def _path(assignment: Assignment, wave: Wave) -> Path:
    location = assignment.request.location or wave.location
    if is_url(location):
        raise UsageError(f"Wave {wave.wave_id} is an export: name a file, not an address.")
    path = resolve_path(location, None if assignment.request.location else assignment.source.folder)
    if not path.is_file():
        raise UsageError(f"There is no export of wave {wave.wave_id} at {path}.")
    return path


def _date(assignment: Assignment, wave: Wave) -> date:
    """The date of the export: the one asked for, else the configured one, else today."""
    request, exported_on = assignment.request, wave.exported_on
    if request.as_of and exported_on and request.as_of != exported_on and not request.location:
        raise UsageError(
            f"Wave {wave.wave_id} was exported on {exported_on}, not on {request.as_of}: "
            "--as-of may name another date only together with --from, which names the other export."
        )
    day = request.as_of or exported_on or assignment.today
    return agreed_date({f"wave {wave.wave_id}": day}, assignment.today)
