"""ODK Central's rows, as OData gives them, under the names that KoboToolbox has for the same things."""

from __future__ import annotations

from typing import Any

from dpg_warehouse.connectors.paging import Page, is_count
from dpg_warehouse.connectors.submissions import VALIDATION, as_text
from dpg_warehouse.records import JsonObject, ShapeError

NO_VERSION = "___"  # Central's own name of a version without a name
_ENCRYPTED = frozenset({"notDecrypted", "missingEncryptedFormData"})
# `edited` says that nobody has reviewed the submission since its edit.
_REVIEWS = {
    "approved": "validation_status_approved",
    "rejected": "validation_status_not_approved",
    "hasIssues": "validation_status_on_hold",
}


def page_of(path: str, body: Any) -> Page:
    """One page of rows; raise ShapeError where it is none."""
    found = sorted(body) if isinstance(body, dict) else [type(body).__name__]
    if isinstance(body, dict):
        rows, count, link = body.get("value"), body.get("@odata.count"), body.get("@odata.nextLink")
        if isinstance(rows, list) and is_count(count):
            return Page(rows, count, str(link) if link else None)
    raise ShapeError(
        f"{path} is no table as ODK Central sends it.",
        ("expected @odata.count: a number, value: an array", f"found {', '.join(found[:20])}"),
    )


def is_deleted(row: Any) -> bool:
    """Whether a row is in the server's bin; a server that lists such rows says when it went there."""
    return _system(row).get("deletedAt") is not None


def is_encrypted(row: Any) -> bool:
    """Whether the server can't read a submission itself."""
    return _system(row).get("status") in _ENCRYPTED


def submission_of(row: JsonObject) -> JsonObject:
    """A row as a submission: `group/question` paths, and what the server says of it."""
    system = _system(row)
    meta = row.get("meta")
    version = system.get("formVersion")
    return {
        **_flattened(row, ""),
        "__id": row.get("__id"),
        "_submission_time": system.get("submissionDate"),
        "__version__": None if version is None else str(version) or NO_VERSION,
        "_uuid": meta.get("instanceID") if isinstance(meta, dict) else None,
        VALIDATION: {"uid": _REVIEWS.get(str(system.get("reviewState")), "")},
    }


def _system(row: Any) -> JsonObject:
    system = row.get("__system") if isinstance(row, dict) else None
    return system if isinstance(system, dict) else {}


def _flattened(row: JsonObject, prefix: str) -> JsonObject:
    """The answers of a row or of a repeat's entry by their full path, unanswered ones left out."""
    answers: JsonObject = {}
    for name, value in row.items():
        if value is None or name.startswith("__") or "@" in name:
            continue  # no answer, or the server's own: __id, __system, children@odata.navigationLink
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            answers |= _flattened(value, f"{path}/")
        elif isinstance(value, list):
            entries = [_flattened(one, f"{path}/") if isinstance(one, dict) else one for one in value]
            answers |= {path: entries} if entries else {}
        else:
            answers[path] = as_text(value)
    return answers
