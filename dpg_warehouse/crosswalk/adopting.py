"""Takes a looked-over draft into a survey's files, once they are known to be no worse for it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dpg_warehouse.crosswalk.drafted import Row
from dpg_warehouse.crosswalk.files import csv_text, draft_file, replace_together
from dpg_warehouse.crosswalk.problems import LOOKED_AT, Drafts, folder_of, problems_in
from dpg_warehouse.crosswalk.reading import Problem
from dpg_warehouse.records import UsageError

# What rows say that were written before their file had the column.
_DEFAULTS = {"asked_of": "all", "language": "en"}
_TABLES = ("questions", "options", "translations")


@dataclass(frozen=True)
class Adoption:
    """How many rows each file got; or the problems that the draft would have brought, and nothing done."""

    added: Mapping[str, int] = field(default_factory=dict)
    is_wave_known: bool = True  # whether source.yml has the wave
    problems: tuple[Problem, ...] = ()


def adopt_draft(roots: Sequence[Path], source_id: str, wave_id: str) -> Adoption:
    """Append a draft's rows to the survey's files and delete the draft, if that brings no problem.

    Raises UsageError, having changed nothing, where there is no draft or the wave has rows already.
    """
    folder = folder_of(roots, source_id)
    drafts = {name: path for name in _TABLES if (path := draft_file(folder, wave_id, name)).exists()}
    if "questions" not in drafts:
        raise UsageError(f"There is no draft of wave {wave_id}; write one with `dpgw survey draft`.")
    left = {name: path for name, path in drafts.items() if not _is_taken_over(folder, name, path, wave_id)}
    if not left:
        raise UsageError(f"questions.csv has rows of wave {wave_id} already, the draft's: delete that.")
    before, source = problems_in(roots, source_id)
    if source is None:
        raise UsageError(f"source.yml can't be used; see `dpgw survey check {source_id}`.")
    problems = _new_problems(before, problems_in(roots, source_id, Drafts(wave_id, left))[0], left)
    if problems:
        return Adoption(problems=problems)
    replace_together({folder / f"{name}.csv": _merged(folder, name, path) for name, path in left.items()})
    added = {f"{name}.csv": len(_read(path)[1]) for name, path in drafts.items()}
    # The questions go last: as long as they are there, the same command goes on where it was cut off.
    for name in ("source", *reversed(_TABLES)):
        draft_file(folder, wave_id, name).unlink(missing_ok=True)
    return Adoption(added, wave_id in {wave.wave_id for wave in source.file.waves})


def _is_taken_over(folder: Path, name: str, draft: Path, wave_id: str) -> bool:
    """Whether a file has the draft's rows already, as it does where this was cut off before its end.

    Raises UsageError where it has other rows of the wave.
    """
    there = [row for row in _read(folder / f"{name}.csv")[1] if row.get("wave_id") == wave_id]
    if there and [_said(row) for row in there] != [_said(row) for row in _read(draft)[1]]:
        raise UsageError(f"{name}.csv has rows of wave {wave_id} already; nothing was changed.")
    return bool(there)


def _said(row: Row) -> Row:
    """What a row says that isn't said by leaving it out."""
    return {
        column: cell
        for column, cell in row.items()
        if column not in LOOKED_AT and cell and cell != _DEFAULTS.get(column)
    }


def _new_problems(
    before: Sequence[Problem], after: Sequence[Problem], drafts: Mapping[str, Path]
) -> tuple[Problem, ...]:
    """What would be wrong with the files and the draft together, and isn't with the files alone."""
    known = {problem.text for problem in before}
    names = {path.name for path in drafts.values()}
    return tuple(one for one in after if one not in before and (one.file in names or one.text not in known))


def _merged(folder: Path, name: str, draft: Path) -> bytes:
    """A file's content with the draft's rows below it: as it stood, unless it needs another column."""
    path = folder / f"{name}.csv"
    header, rows = _read(path)
    draft_header, drafted = _read(draft)
    wanted = [column for column in draft_header if column not in LOOKED_AT]
    used = [column for column in wanted if any(row[column] != _DEFAULTS.get(column, "") for row in drafted)]
    added = [column for column in (used if header else wanted) if column not in header]
    columns = [*header, *added]
    if added:
        filled = [{column: _DEFAULTS.get(column, "") for column in added} | row for row in rows]
        return csv_text(columns, [*filled, *drafted]).encode()
    before = path.read_bytes()
    ending = b"\r\n" if b"\r\n" in before else b"\n"
    joint = b"" if before.endswith(b"\n") else ending
    return before + joint + csv_text(columns, drafted, header=False).encode().replace(b"\n", ending)


def _read(path: Path) -> tuple[list[str], list[Row]]:
    """The header and the rows of a CSV file; nothing of a file that isn't there."""
    if not path.exists():
        return [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            return list(reader.fieldnames or ()), list(reader)
    except (csv.Error, UnicodeError) as error:
        raise UsageError(f"{path.name} can't be read as a CSV file in UTF-8; nothing was changed.") from error
