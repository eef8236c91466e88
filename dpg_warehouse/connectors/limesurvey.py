"""A survey wave on a LimeSurvey server (RemoteControl 2): all its responses, complete or not."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from dpg_warehouse.connectors.gathering import Received, gather
from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.connectors.limesurvey_session import RemoteControl, StatusError, user_credentials
from dpg_warehouse.connectors.locations import live_date, shown
from dpg_warehouse.connectors.paging import Reading, read_steadily
from dpg_warehouse.connectors.storable import read_json
from dpg_warehouse.connectors.submissions import as_text
from dpg_warehouse.connectors.survey_fields import FieldRules, judge_response
from dpg_warehouse.records import (
    Fault,
    FaultKind,
    JsonObject,
    PassingTransportError,
    Pull,
    ShapeError,
    UsageError,
)

_SURVEY_ID = re.compile(r"\d+")
_USUAL_PATH = "/index.php/admin/remotecontrol"
# `seed` is no key: it is drawn by chance, and `token` neither: one person may answer twice.
_KEY_FIELD = "id"
# LimeSurvey's own columns that name nobody. They land where they are declared, else they are left out.
_OWN_FIELDS = frozenset({"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp"})
_NOTHING_YET = "no data, could not get max id"
_NOT_ACTIVE = ("no available data", "no data, survey table does not exist")
_UNKNOWN = ("invalid surveyid", "invalid survey id", "error: invalid survey id")


@connector("limesurvey")
def fetch_limesurvey(assignment: Assignment) -> Pull:
    """Fetch one wave from its server, as it stands now."""
    source, request = assignment.source, assignment.request
    wave = source.wave(request.wave_id or "")
    as_of = live_date(request.as_of, assignment.today)
    survey_id = request.location or wave.location
    if not _SURVEY_ID.fullmatch(survey_id):
        raise UsageError(f"Wave {wave.wave_id}: {survey_id!r} is no LimeSurvey survey id (digits).")
    credentials = user_credentials(assignment.needed_credentials(wave, "USER"), wave.connection)
    path = _path(credentials.base_url)
    client = JsonClient(credentials.base_url, assignment.policy, connection=wave.connection)
    with client, RemoteControl(client, path, credentials, wave.connection) as server:
        rows, stated = read_steadily(f"survey {survey_id}", lambda: _read(server, int(survey_id)))
    rules = FieldRules(source.declared_fields(wave.wave_id), wave.ignore, assignment.protection)
    records, faults = gather(_judged(position, row, rules) for position, row in enumerate(rows, 1))
    address = urlsplit(credentials.base_url)
    return Pull(
        feed="responses",
        as_of=as_of,
        is_live=True,
        location=f"{shown(f'{address.scheme}://{address.netloc}{path}')} survey {survey_id}",
        format="limesurvey_rc2",
        data_origin=wave.data_origin or source.file.data_origin,
        expected_count=stated,
        received_count=len(rows),
        records=records,
        faults=(*faults, *_field_faults(rows, rules)),
    )


def _path(base_url: str) -> str:
    """Where RemoteControl lies: as the connection says, else at its usual place below that."""
    path = urlsplit(base_url).path.rstrip("/")
    return path if path.endswith("/remotecontrol") else f"{path}{_USUAL_PATH}"


def _read(server: RemoteControl, survey_id: int) -> Reading:
    """All responses, between two looks at how many the server counts."""
    try:
        before = _count(server.call("get_summary", survey_id, "full_responses"))
        rows = _responses(server, survey_id)
        return Reading(rows, [before, _count(server.call("get_summary", survey_id, "full_responses"))])
    except StatusError as refusal:
        status = refusal.status.lower().rstrip(".")
        if status in _UNKNOWN:
            raise UsageError(f"The server has no survey {survey_id}.") from refusal
        if status in _NOT_ACTIVE:
            # Deactivating a survey puts its responses away: an empty pull would say that they are deleted.
            raise UsageError(
                f"Survey {survey_id} is not active, so the server has no responses of it."
            ) from refusal
        raise


def _responses(server: RemoteControl, survey_id: int) -> list[Any]:
    try:
        # Language: the survey's own. All responses, codes as headers, codes as answers.
        export = server.call("export_responses", survey_id, "json", None, "all", "code", "short")
    except StatusError as refusal:
        if refusal.status.lower().rstrip(".") == _NOTHING_YET:
            return []
        raise
    try:
        body = read_json(b64decode("".join(str(export).split()), validate=True).removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise PassingTransportError(f"The responses of survey {survey_id} are no complete JSON.") from error
    rows = body.get("responses") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise ShapeError(
            f"The responses of survey {survey_id} are no list as LimeSurvey sends it.",
            ("expected responses: an array",),
        )
    return [_unnested(row) for row in rows]


def _count(summary: Any) -> int:
    if isinstance(summary, bool) or not re.fullmatch(r"\d+", str(summary)):
        raise ShapeError("LimeSurvey does not say how many responses it has.", ("expected a number",))
    return int(summary)


def _unnested(row: Any) -> Any:
    """A response; servers before version 4 nest each one under its id."""
    values = list(row.values()) if isinstance(row, dict) else []
    return values[0] if len(values) == 1 and isinstance(values[0], dict) else row


def _judged(position: int, row: Any, rules: FieldRules) -> Received | Fault:
    """A response as a record of its landed fields, or what keeps it from being one."""
    if not isinstance(row, dict):
        return Fault(FaultKind.NOT_AN_OBJECT, position, detail="an item of responses")
    payload: JsonObject = {
        name: as_text(value)
        for name, value in row.items()
        if value not in (None, "") and rules.is_landed(name)
    }
    key = row.get(_KEY_FIELD)
    return judge_response(position, payload, _KEY_FIELD, rules, key=str(key) if key else None)


def _field_faults(rows: Sequence[Any], rules: FieldRules) -> tuple[Fault, ...]:
    """The faults of fields: each response has all columns, and without responses there is none to miss."""
    columns = frozenset(_columns(rows))
    return rules.field_faults(columns - _OWN_FIELDS, columns or rules.declared)


def _columns(rows: Sequence[Any]) -> Iterator[str]:
    return (name for row in rows if isinstance(row, dict) for name in row)
