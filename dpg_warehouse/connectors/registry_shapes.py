"""Recognises a registry document's generation, and says how an unknown one differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dpg_warehouse.connectors.personal_data import mask_emails
from dpg_warehouse.connectors.registry_formats import (
    ARRAY_FORMATS,
    V1_FOLDERS,
    V1_UNUSED,
    V2,
    Format,
    begins,
)
from dpg_warehouse.records import JsonObject, ShapeError


@dataclass(frozen=True)
class Section:
    """A run of records of one format; `folder` comes before their keys."""

    format: Format
    items: tuple[Any, ...]
    folder: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """A recognised document."""

    feed: str
    format: str
    sections: tuple[Section, ...]
    snapshot_date: date | None = None
    data_origin: str | None = None


def recognise(document: Any) -> Snapshot:
    """Tell a document's feed and format from its shape; raise ShapeError with the difference."""
    if isinstance(document, list):
        return Snapshot("api", *_array(document))
    if not isinstance(document, dict):
        raise ShapeError(
            "The registry's answer is no known document.",
            ("expected an array of records, or an object", f"found {_json_type(document)}"),
        )
    if "dpgs" in document:
        name, sections = _array(_list_of(document, "dpgs"))
        known = {"dpgs", "removed_site_fields"}
        feed = "website"
    else:
        name, sections = "v1", _folders(document)
        known = {*V1_FOLDERS, *V1_UNUSED}
        feed = "candidates_repository"
    _check_no_other_records(document, known)
    return Snapshot(feed, name, sections, _snapshot_date(document), _data_origin(document))


def clean(record: JsonObject, shape: Format) -> tuple[JsonObject, frozenset[str]]:
    """The record with the format's known fields only, and the paths of the others."""
    unknown: set[str] = set()
    cleaned = _known(record, "", shape.fields, unknown)
    return cleaned if isinstance(cleaned, dict) else {}, frozenset(unknown)


def check_fields(shape: Format, items: Sequence[JsonObject], unknown: Counter[str]) -> None:
    """Raise ShapeError where most records lack a required field or have an unknown one.

    Fewer than half is a matter of single records: fragments, or a field that is new to some.
    """
    present = Counter(key for item in items for key in item)
    missing = [key for key in sorted(shape.required) if present[key] * 2 < len(items)]
    surplus = [path for path in sorted(unknown) if unknown[path] * 2 >= len(items)]
    if not (missing or surplus):
        return
    lines = [f"expected {key}: found in {present[key]} of {len(items)} records" for key in missing]
    lines += [
        f"not expected {mask_emails(path)}: found in {unknown[path]} of {len(items)} records"
        for path in surplus
    ]
    raise ShapeError(f"The registry's records differ from format {shape.name}: {lines[0]}.", tuple(lines))


_NOTHING = object()


def _known(value: Any, path: str, fields: frozenset[str], unknown: set[str]) -> Any:
    """The value's known part; _NOTHING for an unknown leaf, whose path is added to `unknown`."""
    if isinstance(value, dict):
        inner = {
            key: _known(field, f"{path}.{key}" if path else key, fields, unknown)
            for key, field in value.items()
        }
        return {key: field for key, field in inner.items() if field is not _NOTHING}
    if isinstance(value, list):
        items = [_known(item, f"{path}[]", fields, unknown) for item in value]
        return [item for item in items if item is not _NOTHING]
    # An empty list may arrive as "", and a list or object as null.
    if path in fields or (value in ("", None) and begins(fields, path)):
        return value
    unknown.add(path)
    return _NOTHING


def _array(items: list[Any]) -> tuple[str, tuple[Section, ...]]:
    objects = [item for item in items if isinstance(item, dict)]
    votes = Counter(vote.name for item in objects if (vote := _generation(item)))
    if len(votes) > 1:
        counts = tuple(f"found {count} records of format {name}" for name, count in votes.items())
        raise ShapeError(
            "The registry's array mixes two generations of its format.", ("expected one format", *counts)
        )
    if not votes:
        raise ShapeError("The registry's array is of no known format.", _difference(V2, objects, len(items)))
    shape = next(known for known in ARRAY_FORMATS if known.name in votes)
    return shape.name, (Section(shape, tuple(items)),)


def _generation(item: JsonObject) -> Format | None:
    """The format whose own fields (those that no other has) the record has most of."""
    own = {
        shape.name: shape.top_fields.difference(*(o.top_fields for o in ARRAY_FORMATS if o is not shape))
        for shape in ARRAY_FORMATS
    }
    counts = [(len(own[shape.name] & item.keys()), shape) for shape in ARRAY_FORMATS]
    count, best = max(counts, key=lambda pair: pair[0])
    return best if count else None


def _folders(document: JsonObject) -> tuple[Section, ...]:
    absent = [folder for folder in V1_FOLDERS if folder not in document]
    if absent:
        raise ShapeError(
            "The registry's answer is no known document.",
            (
                f"expected an array, or an object with dpgs, or with {', '.join(V1_FOLDERS)}",
                f"found an object with {', '.join(sorted(document)[:20]) or 'nothing in it'}",
            ),
        )
    return tuple(
        Section(shape, tuple(_list_of(document, folder)), folder) for folder, shape in V1_FOLDERS.items()
    )


def _list_of(document: JsonObject, key: str) -> list[Any]:
    value = document[key]
    if not isinstance(value, list):
        raise ShapeError(
            f"{key} of the registry's document is no array.",
            (f"expected {key}: an array", f"found {_json_type(value)}"),
        )
    return value


def _check_no_other_records(document: JsonObject, known: Iterable[str]) -> None:
    """A new folder of records must not go unnoticed."""
    for key in sorted(document.keys() - set(known)):
        value = document[key]
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            raise ShapeError(
                f"The registry's document has records in {key}, which no known format has.",
                (f"not expected {key}: an array of {len(value)}",),
            )


def _snapshot_date(document: JsonObject) -> date | None:
    value = document.get("snapshot_date")
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ShapeError(
            "snapshot_date of the registry's document is no date.", ("expected snapshot_date: YYYY-MM-DD",)
        ) from error


def _data_origin(document: JsonObject) -> str | None:
    value = document.get("data_origin")
    if value not in (None, "collected", "synthetic"):
        raise ShapeError(
            "data_origin of the registry's document is unknown.",
            ("expected data_origin: collected or synthetic",),
        )
    return value


def _difference(shape: Format, objects: Sequence[JsonObject], count: int) -> tuple[str, ...]:
    present = Counter(key for item in objects for key in item)
    lines = [f"expected {key}: found in {present[key]} of {count} records" for key in sorted(shape.required)]
    other = sorted(present.keys() - shape.top_fields)
    lines += [
        f"not expected {mask_emails(key)}: found in {present[key]} of {count} records" for key in other[:40]
    ]
    return tuple(lines)


def _json_type(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
