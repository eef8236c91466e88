"""Reads an XLSForm workbook as the questionnaire that a survey server would deploy from it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform

from dpg_warehouse.records import JsonObject, ShapeError

_BLOCKS = ("group", "repeat")
_TYPES = {
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "photo": "image",
    "phone number": "phonenumber",
}


def read_xlsform(path: Path) -> JsonObject:
    """The questionnaire as landed forms hold it: `survey`, `choices` and `translations`.

    Labels are lists parallel to `translations`; raises ShapeError where the workbook is no XLSForm.
    """
    try:
        form = workbook_to_json(workbook_dict=get_xlsform(path), form_name=path.stem)
    except (PyXFormError, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        reason = f": {error}" if isinstance(error, PyXFormError) else ""
        raise ShapeError(f"{path.name} is no XLSForm that can be read{reason}") from error
    rows = list(_rows(form["children"], ()))
    languages = _languages(rows)
    lists = {row["select_from_list_name"]: row.pop("choices") for row in rows if "choices" in row}
    choices = [
        {"list_name": name, "name": str(one["name"]), "label": _parallel(one.get("label"), languages)}
        for name, listed in lists.items()
        for one in listed
    ]
    return {
        "survey": [_labelled(row, languages) for row in rows],
        "choices": choices,
        "translations": list(languages),
        "settings": {},
    }


def is_xlsform(path: Path) -> bool:
    """Whether a file is a workbook with the sheet that every XLSForm has."""
    if path.suffix.lower() != ".xlsx":
        return False
    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError):
        return False
    try:
        return "survey" in (name.strip().lower() for name in book.sheetnames)
    finally:
        book.close()


def _rows(children: list[JsonObject], groups: tuple[str, ...]) -> Iterator[JsonObject]:
    """The questions in order, with a row at the beginning and the end of each group and repeat."""
    for child in children:
        kind, name = _TYPES.get(child["type"], child["type"].replace(" ", "_")), str(child["name"])
        row = {"name": name, "$xpath": "/".join([*groups, name]), "label": child.get("label")}
        relevant = child.get("bind", {}).get("relevant")
        row |= {"relevant": relevant} if relevant else {}
        if kind in _BLOCKS:
            yield row | {"type": f"begin_{kind}"}
            yield from _rows(child.get("children", []), (*groups, name))
            yield {"type": f"end_{kind}"}
        else:
            listed = {"select_from_list_name": child.get("list_name"), "choices": child.get("choices", [])}
            yield row | {"type": kind} | (listed if "list_name" in child else {})


def _languages(rows: list[JsonObject]) -> tuple[str | None, ...]:
    """The languages in the order in which the workbook has them; None for texts of no language."""
    found: dict[str | None, None] = {}
    for row in rows:
        for told in (row, *row.get("choices", ())):
            label = told.get("label")
            found |= dict.fromkeys(label if isinstance(label, Mapping) else ())
    return tuple(found) or (None,)


def _labelled(row: JsonObject, languages: tuple[str | None, ...]) -> JsonObject:
    return row | {"label": _parallel(row["label"], languages)} if row.get("label") else row


def _parallel(label: Any, languages: tuple[str | None, ...]) -> list[str | None]:
    """A label in each of the languages; one of no language counts for all."""
    if isinstance(label, Mapping):
        return [label.get(language) for language in languages]
    return [None if label is None else str(label)] * len(languages)
