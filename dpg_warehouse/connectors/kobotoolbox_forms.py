"""KoboToolbox's questionnaires: which fields the deployed versions of a form offer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpg_warehouse.connectors.storable import first_unstorable
from dpg_warehouse.records import JsonObject, Record, ShapeError

# Questions that a device answers by itself. They land where they are declared, else they are left out.
DEVICE_TYPES = frozenset(
    {
        "audit",
        "background-audio",
        "deviceid",
        "email",
        "end",
        "phonenumber",
        "simserial",
        "start",
        "subscriberid",
        "today",
        "username",
    }
)
_CONTENT_PARTS = ("survey", "choices", "translations", "settings")


def form_record(version: JsonObject) -> Record:
    """A deployed version as it lands: the questionnaire alone, nothing of its owner or its sharing."""
    content = version.get("content")
    if not isinstance(content, dict) or not isinstance(content.get("survey"), list):
        raise ShapeError(
            "A form version of the KoboToolbox asset has no questionnaire.",
            ("expected content.survey: an array", f"found {', '.join(sorted(version)) or 'nothing'}"),
        )
    payload = {
        "uid": version["uid"],
        "date_deployed": version["date_deployed"],
        "content": {part: content[part] for part in _CONTENT_PARTS if part in content},
    }
    unstorable = first_unstorable(payload)
    if unstorable is not None:
        raise ShapeError(f"A form version of the KoboToolbox asset can't be stored: {unstorable}.")
    return Record(str(version["uid"]), payload)


def fields_of(form: Record) -> dict[str, str]:
    """The fields that a version offers, by their path (`group/question`), with their type."""
    fields: dict[str, str] = {}
    groups: list[str] = []
    for row in form.payload["content"]["survey"]:
        kind, name = str(row.get("type", "")), row.get("name") or row.get("$autoname")
        if kind.startswith("end_"):
            groups[-1:] = []
            continue
        path = str(row.get("$xpath") or "/".join([*groups, str(name)]))
        if kind.startswith("begin_"):
            groups.append(str(name))
        if name and kind != "begin_group":
            fields[path] = kind
        if row.get("_or_other") or kind.endswith("or_other"):
            fields[f"{path}_other"] = "text"
    return fields


def short_names(declared: Iterable[str], versions: Sequence[Mapping[str, str]]) -> frozenset[str]:
    """The declared fields that name a question without its group.

    Raises ShapeError where one version has two questions of that name.
    """
    paths = {path for fields in versions for path in fields}
    short = frozenset(name for name in declared if "/" not in name and name not in paths)
    for fields in versions:
        counts = Counter(path.rsplit("/", 1)[-1] for path in fields)
        twice = sorted(name for name in short if counts[name] > 1)
        if twice:
            raise ShapeError(
                f"The form has several questions named {twice[0]}; declare them with their group.",
                tuple(f"expected one question {name}, found {counts[name]}" for name in twice),
            )
    return short


def types_by_path(versions: Iterable[Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """Every path that some version offers, with the types that it has had."""
    types: dict[str, set[str]] = defaultdict(set)
    for fields in versions:
        for path, kind in fields.items():
            types[path].add(kind)
    return {path: frozenset(kinds) for path, kinds in types.items()}


def is_device_field(types: Mapping[str, frozenset[Any]], path: str) -> bool:
    """Whether every version that offers a path lets the device answer it."""
    return path in types and types[path] <= DEVICE_TYPES
