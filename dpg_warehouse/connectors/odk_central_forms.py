"""ODK Central's questionnaires: the published versions of a form, as KoboToolbox's land."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dpg_warehouse.connectors.odk_central_rows import NO_VERSION
from dpg_warehouse.connectors.odk_central_session import OdkSession
from dpg_warehouse.connectors.storable import first_unstorable
from dpg_warehouse.connectors.xforms import XForm, read_xform
from dpg_warehouse.records import JsonObject, Record, ShapeError, UsageError

_PLAIN_TYPES = {"string": "text", "int": "integer", "binary": "file"}
_BLOCKS = {"structure": "group", "repeat": "repeat"}


def read_forms(session: OdkSession, base: str) -> tuple[Record, ...]:
    """The published versions of the form at `base`, oldest first."""
    versions = session.get(f"{base}/versions")
    if not isinstance(versions, list) or not all(isinstance(version, dict) for version in versions):
        raise ShapeError(f"{base}/versions is no list as ODK Central sends it.")
    published = [version for version in versions if version.get("publishedAt")]
    if not published:
        raise UsageError(f"The form {base.rsplit('/', 1)[-1]} of ODK Central is not published.")
    forms = []
    for version in sorted(published, key=lambda one: str(one["publishedAt"])):
        name = str(version.get("version") or NO_VERSION)
        place = f"{base}/versions/{quote(name, safe='')}"
        fields = session.get(f"{place}/fields", {"odata": "true"})
        xform = read_xform(session.get_bytes(f"{place}.xml"))
        forms.append(_form_record(name, str(version["publishedAt"]), _checked(fields), xform))
    return tuple(forms)


def _form_record(name: str, published_at: str, fields: Sequence[JsonObject], xform: XForm) -> Record:
    """A version as it lands."""
    content = {
        "survey": _survey(fields, xform),
        "choices": list(xform.choices),
        "translations": list(xform.languages),
        "settings": {},
    }
    payload = {"uid": name, "date_deployed": published_at, "content": content}
    unstorable = first_unstorable(payload)
    if unstorable is not None:
        raise ShapeError(f"A form version of ODK Central can't be stored: {unstorable}.")
    return Record(name, payload)


def _checked(fields: Any) -> list[JsonObject]:
    parts = ("name", "path", "type")
    if isinstance(fields, list) and all(
        isinstance(field, dict) and all(isinstance(field.get(part), str) for part in parts)
        for field in fields
    ):
        return fields
    raise ShapeError(
        "A form version of ODK Central has no list of fields.", ("expected an array of name, path and type",)
    )


def _survey(fields: Sequence[JsonObject], xform: XForm) -> list[JsonObject]:
    """The fields in their order, with a row for the beginning and the end of each group and repeat."""
    rows: list[JsonObject] = []
    within: list[tuple[str, str]] = []
    for field in fields:
        path = str(field["path"]).lstrip("/")
        if path == "meta" or path.startswith("meta/"):
            continue  # of the submission itself, no question
        while within and not path.startswith(f"{within[-1][0]}/"):
            rows.append({"type": f"end_{within.pop()[1]}"})
        block = _BLOCKS.get(field["type"])
        row = {"type": f"begin_{block}" if block else _kind(field, path, xform)}
        rows.append(row | {"name": field["name"], "$xpath": path} | xform.said_of(path))
        if block:
            within.append((path, block))
    rows.extend({"type": f"end_{block}"} for _, block in reversed(within))
    return rows


def _kind(field: JsonObject, path: str, xform: XForm) -> str:
    """The type of a question, in an XLSForm's words."""
    known = xform.kinds.get(path)
    if known is None and field.get("selectMultiple") is True:
        return "select_multiple"
    return known or _PLAIN_TYPES.get(field["type"]) or re.sub(r"\W", "_", field["type"])
