"""Writes a draft beside a survey's files, and takes a looked-over draft into them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from dpg_warehouse.crosswalk.drafted import Row
from dpg_warehouse.crosswalk.drafts import Draft
from dpg_warehouse.records import UsageError

# What helps a person to look a row over, and is no part of the survey's files.
LOOKED_AT = ("match", "score", "note")
# What rows say that were written before their file had the column.
_DEFAULTS = {"asked_of": "all", "language": "en"}
_TABLES = ("questions", "options", "translations")


def write_draft(folder: Path, draft: Draft) -> tuple[Path, ...]:
    """Write the draft's files; raise UsageError where there is a draft of the wave already."""
    tables = {"questions": draft.questions, "options": draft.options, "translations": draft.translations}
    paths = {name: _draft_file(folder, draft.wave_id, name) for name in tables}
    about = folder / f"draft_{draft.wave_id}_source.yml"
    there = [path.name for path in (*paths.values(), about) if path.exists()]
    if there:
        raise UsageError(
            f"{folder} holds a draft of wave {draft.wave_id} already ({', '.join(there)}); "
            "take it over with `dpgw survey adopt`, or delete it to draft anew."
        )
    written = []
    for name, rows in tables.items():
        if rows:
            _write(paths[name], list(rows[0]), rows)
            written.append(paths[name])
    about.write_text(_about_wave(draft), encoding="utf-8")
    return (*written, about)


def adopt_draft(folder: Path, wave_id: str) -> dict[str, int]:
    """Append a draft's rows to the survey's files and delete the draft; how many rows each file got.

    Raises UsageError, having changed nothing, where there is no draft or the wave has rows already.
    """
    drafts = {name: path for name in _TABLES if (path := _draft_file(folder, wave_id, name)).exists()}
    if "questions" not in drafts:
        raise UsageError(f"There is no draft of wave {wave_id}; write one with `dpgw survey draft`.")
    merged: dict[str, tuple[list[str], list[Row], int]] = {}
    for name, path in drafts.items():
        header, rows = _read(folder / f"{name}.csv")
        if any(row.get("wave_id") == wave_id for row in rows):
            raise UsageError(f"{name}.csv has rows of wave {wave_id} already; nothing was changed.")
        draft_header, draft = _read(path)
        wanted = [column for column in draft_header if column not in LOOKED_AT]
        used = [c for c in wanted if any(row[c] != _DEFAULTS.get(c, "") for row in draft)]
        added = [column for column in (used if header else wanted) if column not in header]
        filled = [{column: _DEFAULTS.get(column, "") for column in added} | row for row in rows]
        merged[name] = ([*header, *added], [*filled, *draft], len(draft))
    for name, (columns, rows, _) in merged.items():
        _write(folder / f"{name}.csv", columns, rows)
    for path in (*drafts.values(), folder / f"draft_{wave_id}_source.yml"):
        path.unlink(missing_ok=True)
    return {f"{name}.csv": count for name, (_, _, count) in merged.items()}


def _about_wave(draft: Draft) -> str:
    """What source.yml may want to say of the wave, for a person to look at."""
    form = draft.form
    said: dict[str, object] = {}
    if form.personal_fields:
        said["personal_data"] = {"drop": list(form.personal_fields)}
    if form.key_fields:
        said["respondent_key"] = form.key_fields[0]
    if len(form.languages) > 1:
        said["languages"] = list(form.languages)
    ignored = [name for name in form.other_fields if name not in form.key_fields[:1]]
    if ignored:
        said["ignore"] = ignored
    proposed = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100) if said else ""
    keys = ", ".join(form.key_fields[1:])
    more = f"# Other columns in which every row differs: {keys}\n" if keys else ""
    return (
        f"# Proposed for wave {draft.wave_id} in source.yml. Look at each line: what is called like\n"
        f"# personal data may be none, and what is none may be called like anything.\n{more}{proposed}"
    )


def _draft_file(folder: Path, wave_id: str, name: str) -> Path:
    return folder / f"draft_{wave_id}_{name}.csv"


def _read(path: Path) -> tuple[list[str], list[Row]]:
    """The header and the rows of a CSV file; nothing of a file that isn't there."""
    if not path.exists():
        return [], []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return list(reader.fieldnames or ()), list(reader)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a CSV file in one step, so that nobody reads half of it."""
    unfinished = path.with_suffix(".csv.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    unfinished.replace(path)
