"""A wave as a KoboToolbox server tells it: bodies shaped like those of its API v2."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from dpg_warehouse.configuration import Source
from sample_data.exports import answer_cells
from sample_data.form import TRANSLATIONS, Form, FormRow
from sample_data.respondents import Respondent

Json = dict[str, Any]
SERVER = "https://kobo.example.org"
USER = "synthetic_sample"
NAMESPACE = uuid.UUID("5f0c1b1e-0000-4000-8000-000000002024")
EDITED, NOT_APPROVED = 7, 31  # numbers of respondents whose submissions have something to tell
DELETED = 20  # the number of a submission that is no longer there


@dataclass(frozen=True)
class Version:
    """A deployed version; the first one lacks the French text of one option."""

    uid: str
    deployed: str
    lacks: tuple[str, str] | None = None


VERSIONS = (
    Version("vDpgOwnersDemo2024Frst", "2024-03-15T09:12:44.120311Z", ("expert_pool_use", "security_review")),
    Version("vDpgOwnersDemo2024Scnd", "2024-03-21T07:30:05.482127Z"),
)


def write_bodies(source: Source, wave_id: str, respondents: Sequence[Respondent], folder: Path) -> None:
    """Write asset.json, versions.json, a version_<uid>.json each, and submissions.json."""
    form = Form(source, wave_id)
    uid = source.wave(wave_id).location
    submissions = [_submission(form, uid, r) for r in respondents]
    bodies = {"asset": _asset(form, uid, len(submissions))}
    bodies["versions"] = _page([_version(uid, form, version) for version in reversed(VERSIONS)])
    bodies["submissions"] = _page(submissions)
    for version in VERSIONS:
        body = _version(uid, form, version) | {"content": _content(form, version)}
        bodies[f"version_{version.uid}"] = body
    for name, body in bodies.items():
        text = json.dumps(body, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _page(results: list[Json]) -> Json:
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _submission(form: Form, asset_uid: str, respondent: Respondent) -> Json:
    original = _uuid(f"submission {respondent.number}")
    is_edited = respondent.number == EDITED
    current = _uuid(f"edit of {respondent.number}") if is_edited else original
    submitted_at = respondent.submitted_at
    started_at = submitted_at - timedelta(minutes=6 + respondent.number % 9)
    version = [v for v in VERSIONS if v.deployed <= submitted_at.isoformat()][-1]
    deprecated: Json = {"meta/deprecatedID": f"uuid:{original}"} if is_edited else {}
    number_in_server = 40_211_000 + respondent.number + (respondent.number >= DELETED)
    return {
        "_id": number_in_server,
        "formhub/uuid": _uuid("form").replace("-", ""),
        "start": started_at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
        "end": submitted_at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
        **answer_cells(form.source, form.wave_id, respondent),
        "closing/contact_email": f"respondent-{respondent.number:02}@example.org",
        "__version__": version.uid,
        "meta/instanceID": f"uuid:{current}",
        **deprecated,
        "_xform_id_string": asset_uid,
        "_uuid": current,
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": [None, None],
        "_submission_time": submitted_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "_tags": [],
        "_notes": [],
        "_validation_status": _not_approved() if respondent.number == NOT_APPROVED else {},
        "_submitted_by": None,
        "meta/rootUuid": f"uuid:{original}",
    }


def _not_approved() -> Json:
    return {
        "timestamp": 1712570400,
        "uid": "validation_status_not_approved",
        "by_whom": USER,
        "color": "#ff0000",
        "label": "Not Approved",
    }


def _version(asset_uid: str, form: Form, version: Version) -> Json:
    content = json.dumps(_content(form, version), ensure_ascii=False)
    return {
        "uid": version.uid,
        "url": f"{SERVER}/api/v2/assets/{asset_uid}/versions/{version.uid}/",
        "content_hash": hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest(),
        "date_deployed": version.deployed,
        "date_modified": version.deployed,
    }


def _content(form: Form, version: Version) -> Json:
    choices = []
    for list_name, name, labels in form.choices():
        is_lacking = version.lacks == (list_name, name)
        choices.append(
            {
                "name": name,
                "$kuid": _kuid(f"{version.uid} {list_name} {name}"),
                "label": [labels[0], None] if is_lacking else list(labels),
                "list_name": list_name,
                "$autovalue": name,
            }
        )
    return {
        "schema": "1",
        "survey": [_survey_row(version, n, row) for n, row in enumerate(form.rows())],
        "choices": choices,
        "settings": {"version": str(1 + VERSIONS.index(version)), "default_language": TRANSLATIONS[0]},
        "translated": ["constraint_message", "label"],
        "translations": list(TRANSLATIONS),
    }


def _survey_row(version: Version, position: int, row: FormRow) -> Json:
    kuid = _kuid(f"{version.uid} {position}")
    if row.type == "end_group":
        return {"type": row.type, "$kuid": kuid}
    content: Json = {
        "name": row.name,
        "type": row.type,
        "$kuid": kuid,
        "label": list(row.labels),
        "$qpath": row.path.replace("/", "-"),
        "$xpath": row.path,
        "$autoname": row.name,
        "select_from_list_name": row.list_name,
        "relevant": row.relevant,
        "appearance": row.appearance,
        "required": bool(row.required),
        "constraint": row.constraint,
        "constraint_message": list(row.constraint_messages),
    }
    return {key: value for key, value in content.items() if value}


def _asset(form: Form, uid: str, count: int) -> Json:
    newest = VERSIONS[-1]
    url = f"{SERVER}/api/v2/assets/{uid}/"
    deployed = [_version(uid, form, version) for version in reversed(VERSIONS)]
    rows = [row for row in form.rows() if row.labels]
    return {
        "url": url,
        "owner": f"{SERVER}/api/v2/users/{USER}/",
        "owner__username": USER,
        "settings": {"sector": {}, "country": [], "description": form.source.file.title},
        "asset_type": "survey",
        "summary": {
            "labels": [row.labels[0] for row in rows],
            "languages": list(TRANSLATIONS),
            "row_count": len(rows),
            "default_translation": TRANSLATIONS[0],
        },
        "date_created": "2024-03-11T14:02:17.904315Z",
        "date_modified": newest.deployed,
        "date_deployed": newest.deployed,
        "version_id": newest.uid,
        "version_count": len(VERSIONS),
        "has_deployment": True,
        "deployed_version_id": newest.uid,
        "deployed_versions": _page(deployed),
        "deployment__active": False,
        "deployment__submission_count": count,
        "deployment_status": "archived",
        "content": _content(form, newest),
        "uid": uid,
        "kind": "asset",
        "name": form.source.file.title,
        "data": f"{url}data/",
        "status": "private",
    }


def _uuid(name: str) -> str:
    return str(uuid.uuid5(NAMESPACE, name))


def _kuid(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:9]
