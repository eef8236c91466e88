"""A survey wave on a KoboToolbox server (API v2): its deployed form versions and all its submissions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dpg_warehouse.connectors.gathering import Received, gather
from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.connectors.kobotoolbox_forms import (
    fields_of,
    form_record,
    is_device_field,
    short_names,
    types_by_path,
)
from dpg_warehouse.connectors.kobotoolbox_pages import PAGE, read_all
from dpg_warehouse.connectors.locations import live_date, shown
from dpg_warehouse.connectors.survey_fields import FieldRules, judge_response
from dpg_warehouse.records import Fault, FaultKind, Pull, Record, ShapeError, UsageError

_ASSET_UID = re.compile(r"[A-Za-z0-9]+")
_KEY_FIELD = "meta/rootUuid"
_LANDED_SYSTEM = ("_id", "_submission_time", "__version__", "_uuid")
_VALIDATION = "_validation_status"


@connector("kobotoolbox")
def fetch_kobotoolbox(assignment: Assignment) -> Pull:
    """Fetch one wave from its server, as it stands now."""
    source, request, credentials = assignment.source, assignment.request, assignment.credentials
    wave = source.wave(request.wave_id or "")
    as_of = live_date(request.as_of, assignment.today)
    uid = request.location or wave.location
    if not _ASSET_UID.fullmatch(uid):
        raise UsageError(f"Wave {wave.wave_id}: {uid!r} is no KoboToolbox asset uid (letters and digits).")
    if credentials is None:
        raise UsageError(
            f"Wave {wave.wave_id} needs the Airflow connection {wave.connection}, or "
            f"DPGW_CONN_{(wave.connection or '').upper()}=https://token:SECRET@host."
        )
    base = f"{urlsplit(credentials.base_url).path.rstrip('/')}/api/v2/assets/{uid}"
    client = JsonClient(
        credentials.base_url, assignment.policy, token=credentials.token, connection=wave.connection
    )
    with client:
        forms = _read_forms(client, base)
        items, stated = read_all(client, f"{base}/data/", PAGE | {"start": "0", "sort": '{"_id":1}'})
    rules = FieldRules(source.declared_fields(wave.wave_id), wave.ignore, assignment.protection)
    reading = Reading.of(forms, rules)
    records, faults = gather(reading.judge(position, item) for position, item in enumerate(items, 1))
    return Pull(
        feed="responses",
        as_of=as_of,
        is_live=True,
        location=shown(f"{credentials.base_url.rstrip('/')}/api/v2/assets/{uid}/data/"),
        format="kobotoolbox_v2",
        data_origin=wave.data_origin or source.file.data_origin,
        expected_count=stated,
        received_count=len(items),
        records=records,
        faults=(*faults, *reading.field_faults(items)),
        forms=forms,
    )


def _read_forms(client: JsonClient, base: str) -> tuple[Record, ...]:
    """The deployed versions of the form, oldest first."""
    asset = client.get(f"{base}/", {"format": "json"})
    if not isinstance(asset, dict) or not asset.get("has_deployment"):
        raise UsageError(f"The asset {base.rsplit('/', 1)[-1]} is no deployed KoboToolbox form.")
    versions, _ = read_all(client, f"{base}/versions/", dict(PAGE))
    deployed = [version for version in versions if isinstance(version, dict) and version.get("date_deployed")]
    forms = []
    for version in sorted(deployed, key=lambda one: str(one["date_deployed"])):
        uid = str(version.get("uid"))
        if not _ASSET_UID.fullmatch(uid):
            raise ShapeError("A form version of the KoboToolbox asset has no uid.")
        body = client.get(f"{base}/versions/{uid}/", {"format": "json"})
        forms.append(form_record({**version, **(body if isinstance(body, dict) else {})}))
    return tuple(forms)


@dataclass(frozen=True)
class Reading:
    """How a wave's submissions are read: its rules, and what its form versions offer."""

    rules: FieldRules
    types: Mapping[str, frozenset[str]]
    short: frozenset[str]

    @classmethod
    def of(cls, forms: tuple[Record, ...], rules: FieldRules) -> Reading:
        """The reading of these form versions' submissions under these rules."""
        versions = [fields_of(form) for form in forms]
        return cls(rules, types_by_path(versions), short_names(rules.declared, versions))

    def judge(self, position: int, item: Any) -> Received | Fault:
        """A submission as a record of its landed fields, or what keeps it from being one."""
        if not isinstance(item, dict):
            return Fault(FaultKind.NOT_AN_OBJECT, position, detail="an item of results")
        payload = {name: _text(item[name]) for name in _LANDED_SYSTEM if item.get(name) is not None}
        payload[_VALIDATION] = _validation_uid(item.get(_VALIDATION))
        for path, value in item.items():
            is_answer = value not in (None, "") and path != _VALIDATION
            if is_answer and self.rules.is_landed(self._declared_name(path)):
                payload[path] = _text(value)
        key = item.get(_KEY_FIELD) or item.get("_id")
        return judge_response(
            position,
            payload,
            _KEY_FIELD,
            self.rules,
            key=str(key) if key else None,
            name_of=self._declared_name,
        )

    def field_faults(self, items: list[Any]) -> tuple[Fault, ...]:
        """The faults of fields over all submissions."""
        found = {path for item in items if isinstance(item, dict) for path in item}
        offered = {self._declared_name(path) for path in self.types} | {*_LANDED_SYSTEM, _VALIDATION}
        return self.rules.field_faults(self._questions(found), offered)

    def _questions(self, found: set[str]) -> Iterator[str]:
        """The paths that are questions' answers, not the server's or the device's own."""
        for path in found:
            is_system = path not in self.types and path.startswith(("_", "meta/", "formhub/"))
            if not is_system and not is_device_field(self.types, path):
                yield self._declared_name(path)

    def _declared_name(self, path: str) -> str:
        """The name under which a path is declared: itself, or the question's name without its groups."""
        name = path.rsplit("/", 1)[-1]
        return name if name in self.short else path


def _validation_uid(status: Any) -> str:
    """What a reviewer said of a submission, without the reviewer."""
    return str(status.get("uid", "")) if isinstance(status, dict) else ""


def _text(value: Any) -> Any:
    """A scalar as text; a repeat's list as it is."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value
