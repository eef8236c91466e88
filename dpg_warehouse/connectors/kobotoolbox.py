"""A survey wave on a KoboToolbox server (API v2): its deployed form versions and all its submissions."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from dpg_warehouse.connectors.gathering import gather
from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.connectors.kobotoolbox_forms import form_record
from dpg_warehouse.connectors.kobotoolbox_pages import PAGE, page_of
from dpg_warehouse.connectors.locations import live_date, shown
from dpg_warehouse.connectors.paging import read_all
from dpg_warehouse.connectors.submissions import Submissions
from dpg_warehouse.connectors.survey_fields import FieldRules
from dpg_warehouse.records import Pull, Record, ShapeError, UsageError

_ASSET_UID = re.compile(r"[A-Za-z0-9]+")
_KEY_FIELDS = ("meta/rootUuid", "_id")


@connector("kobotoolbox")
def fetch_kobotoolbox(assignment: Assignment) -> Pull:
    """Fetch one wave from its server, as it stands now."""
    source, request = assignment.source, assignment.request
    wave = source.wave(request.wave_id or "")
    as_of = live_date(request.as_of, assignment.today)
    uid = request.location or wave.location
    if not _ASSET_UID.fullmatch(uid):
        raise UsageError(f"Wave {wave.wave_id}: {uid!r} is no KoboToolbox asset uid (letters and digits).")
    credentials = assignment.needed_credentials(wave, "token")
    base = f"{urlsplit(credentials.base_url).path.rstrip('/')}/api/v2/assets/{uid}"
    client = JsonClient(
        credentials.base_url, assignment.policy, token=credentials.token, connection=wave.connection
    )
    with client:
        forms = _read_forms(client, base)
        query = PAGE | {"start": "0", "sort": '{"_id":1}'}
        items, stated = read_all(client.get, f"{base}/data/", query, page_of)
    rules = FieldRules(source.declared_fields(wave.wave_id), wave.ignore, assignment.protection)
    reading = Submissions.of(forms, rules, _KEY_FIELDS)
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
    versions, _ = read_all(client.get, f"{base}/versions/", PAGE, page_of)
    deployed = [version for version in versions if isinstance(version, dict) and version.get("date_deployed")]
    forms = []
    for version in sorted(deployed, key=lambda one: str(one["date_deployed"])):
        uid = str(version.get("uid"))
        if not _ASSET_UID.fullmatch(uid):
            raise ShapeError("A form version of the KoboToolbox asset has no uid.")
        body = client.get(f"{base}/versions/{uid}/", {"format": "json"})
        forms.append(form_record({**version, **(body if isinstance(body, dict) else {})}))
    return tuple(forms)
