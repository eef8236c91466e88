"""Reads delimited files and workbooks as rows of text."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from dpg_warehouse.configuration import Wave
from dpg_warehouse.records import ShapeError, UsageError


@dataclass(frozen=True)
class Row:
    """A row of a table: its line in the file (from 1), and its cells without surrounding blanks."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether no cell says anything."""
        return not any(self.cells)


def delimited_rows(path: Path, wave: Wave) -> Iterator[Row]:
    """The rows of a delimited file below its banner lines; raise ShapeError where quoting is broken."""
    if len(wave.delimiter) != 1:
        raise UsageError(f"The delimiter of wave {wave.wave_id} must be one character.")
    line = 0
    try:
        with path.open(encoding=wave.encoding, newline="") as file:
            for _ in range(wave.skip_rows):
                line += bool(file.readline())
            reader = csv.reader(file, delimiter=wave.delimiter, strict=True)
            for cells in reader:
                yield Row(line + reader.line_num, tuple(cell_text(cell) for cell in cells))
    except csv.Error as error:
        raise ShapeError(f"{path.name}, line {line + reader.line_num}: broken quoting ({error}).") from error
    except UnicodeError as error:
        raise ShapeError(f"{path.name} is not encoded as {wave.encoding}; see `encoding`.") from error
    except LookupError as error:
        raise UsageError(f"There is no encoding {wave.encoding!r} (wave {wave.wave_id}).") from error


def workbook_rows(path: Path, wave: Wave) -> Iterator[Row]:
    """The rows of a workbook's sheet below its banner rows, formulas as the values last calculated."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise ShapeError(f"{path.name} is no complete XLSX workbook.") from error
    try:
        sheet = book[_sheet_name(book.sheetnames, path, wave)]
        sheet.reset_dimensions()  # what a writer states as the sheet's size is wrong at times
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if line > wave.skip_rows:
                yield Row(line, tuple(cell_text(cell) for cell in cells))
    finally:
        book.close()


def _sheet_name(names: list[str], path: Path, wave: Wave) -> str:
    if wave.sheet is None and len(names) == 1:
        return names[0]
    if wave.sheet not in names:
        asked = f"no sheet {wave.sheet!r}" if wave.sheet else "several sheets"
        raise UsageError(f"{path.name} has {asked}; set `sheet` to one of: {', '.join(names)}.")
    return wave.sheet


def cell_text(value: object) -> str:
    """A cell as text: whole numbers without a fraction, dates as ISO 8601, no surrounding blanks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format(value, ".15g")  # the digits that a spreadsheet shows
    if isinstance(value, datetime):
        return (value.date() if value.time() == time.min else value).isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    # Some files carry a second byte order mark, inside the first cell.
    return str(value).replace("\ufeff", "").strip()
