"""A survey wave on an ODK Central server: its published form versions and all its submissions, by OData."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from dpg_warehouse.connectors.gathering import Received, gather
from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.connectors.locations import live_date, shown
from dpg_warehouse.connectors.odk_central_forms import read_forms
from dpg_warehouse.connectors.odk_central_rows import is_deleted, is_encrypted, page_of, submission_of
from dpg_warehouse.connectors.odk_central_session import OdkSession
from dpg_warehouse.connectors.paging import read_all
from dpg_warehouse.connectors.storable import first_unstorable
from dpg_warehouse.connectors.submissions import Submissions
from dpg_warehouse.connectors.survey_fields import FieldRules
from dpg_warehouse.records import Fault, FaultKind, Pull, Record, UsageError

_LOCATION = re.compile(r"(\d+)/(?!\.{1,2}$)([^/\x00-\x1f]+)")
_KEY_FIELD = "__id"
# Places as text instead of GeoJSON objects; repeats within their submission.
_QUERY = {"$top": "1000", "$count": "true", "$expand": "*", "$wkt": "true"}


@connector("odk_central")
def fetch_odk_central(assignment: Assignment) -> Pull:
    """Fetch one wave from its server, as it stands now."""
    source, request = assignment.source, assignment.request
    wave = source.wave(request.wave_id or "")
    as_of = live_date(request.as_of, assignment.today)
    path = _path(request.location or wave.location, wave.wave_id)
    credentials = assignment.needed_credentials(wave, "EMAIL")
    prefix = urlsplit(credentials.base_url).path.rstrip("/")
    client = JsonClient(credentials.base_url, assignment.policy, connection=wave.connection)
    with client, OdkSession(client, prefix, credentials) as session:
        forms = read_forms(session, prefix + path)
        rows, stated = read_all(session.get, f"{prefix}{path}.svc/Submissions", _QUERY, page_of)
    kept = [row for row in rows if not is_deleted(row)]
    rules = FieldRules(source.declared_fields(wave.wave_id), wave.ignore, assignment.protection)
    records, faults = _read(kept, forms, rules)
    return Pull(
        feed="responses",
        as_of=as_of,
        is_live=True,
        location=shown(f"{credentials.base_url.rstrip('/')}{path}.svc/Submissions"),
        format="odk_central_v1",
        data_origin=wave.data_origin or source.file.data_origin,
        expected_count=stated - (len(rows) - len(kept)),
        received_count=len(kept),
        records=records,
        faults=faults,
        forms=forms,
    )


def _path(location: str, wave_id: str) -> str:
    match = _LOCATION.fullmatch(location)
    if match is None:
        raise UsageError(
            f"Wave {wave_id}: {location!r} is no form of ODK Central; write PROJECT/FORM, such as 7/owners."
        )
    return f"/v1/projects/{match[1]}/forms/{quote(match[2], safe='')}"


def _read(
    rows: Sequence[Any], forms: Sequence[Record], rules: FieldRules
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    # OData serves the fields of the newest version alone, of older submissions too.
    reading = Submissions.of(forms[-1:], rules, (_KEY_FIELD,))
    items: list[Any] = []
    outcomes: list[Received | Fault] = []
    for position, row in enumerate(rows, 1):
        unstorable = first_unstorable(row)
        if unstorable is not None:
            outcomes.append(Fault(FaultKind.UNSTORABLE, position, detail=unstorable))
        elif is_encrypted(row):
            outcomes.append(
                Fault(
                    FaultKind.FRAGMENT, position, str(row[_KEY_FIELD]), "encrypted: the server can't read it"
                )
            )
        else:
            items.append(submission_of(row) if isinstance(row, dict) else row)
            outcomes.append(reading.judge(position, items[-1]))
    records, faults = gather(outcomes)
    return records, (*faults, *reading.field_faults(items))
