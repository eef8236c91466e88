"""Reads the table that says what an export's numbers mean, as survey vendors and spreadsheets write it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dpg_warehouse.records import ShapeError

_QUESTION_HEADINGS = ("q#", "question", "question code", "question_id", "field", "variable", "q")
_CODE_HEADINGS = ("r#", "code", "value", "response code", "option")
_LABEL_HEADINGS = ("questions and responses", "label", "text", "responses", "description", "meaning")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# A spreadsheet takes "2-4" for the fourth of February and shows it as 4-Feb, "11-50" as Nov-50.
_AS_DATE = re.compile(rf"(\d{{1,2}})-({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})-(\d{{2}})", re.IGNORECASE)
_NUMBERED = re.compile(r"[A-Za-z]{0,8}[ _.-]?(\d+)")  # a number further on is a word of the question
_STEPS = re.compile(r"\[([^\[\]]+,[^\[\]]+)\]")


@dataclass(frozen=True)
class Codebook:
    """What the codes of each question mean: question number or field -> code -> label."""

    labels: Mapping[str, Mapping[str, str]]

    def of(self, field: str, text: str = "") -> Mapping[str, str]:
        """The labels of a field: of its name or its question's text, else of its number (`Q14`, `Q4_2`)."""
        for name in (field, text):
            if name in self.labels:
                return self.labels[name]
        number = _NUMBERED.match(field)
        return self.labels.get(number[1], {}) if number else {}


def read_codebook(path: Path) -> Codebook:
    """Read a CSV file with columns for question, code and label; raise ShapeError where it has none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    except (OSError, UnicodeError, csv.Error) as error:
        raise ShapeError(f"The codebook {path.name} can't be read as a CSV file in UTF-8.") from error
    for start, row in enumerate(rows):
        places = _places(row)
        if places is not None:
            return _codebook(rows[start + 1 :], *places)
    raise ShapeError(
        f"The codebook {path.name} has no row with headings for question, code and label (Q#, R#, Label)."
    )


def mended(label: str) -> str:
    """A label that a spreadsheet took for a date, as it was: `4-Feb` is 2-4."""
    match = _AS_DATE.fullmatch(label)
    if match is None:
        return label
    day, month, other_month, year = match.groups()
    first = _MONTHS.index((month or other_month).lower()) + 1
    return f"{first}-{int(day or year)}"


def _places(row: list[str]) -> tuple[int, int, int] | None:
    """Which cells of a heading row name the question, the code and the label."""
    said = [cell.lower() for cell in row]
    found = []
    for headings in (_QUESTION_HEADINGS, _CODE_HEADINGS, _LABEL_HEADINGS):
        at = next((said.index(heading) for heading in headings if heading in said), None)
        if at is None:
            return None
        found.append(at)
    return (found[0], found[1], found[2]) if len(set(found)) == 3 else None


def _codebook(rows: list[list[str]], question_at: int, code_at: int, label_at: int) -> Codebook:
    """A question's number stands in its own row, or beside each of its codes.

    The rows of a matrix are numbered like options, and its options stand in brackets in its text.
    """
    labels: dict[str, dict[str, str]] = {}
    matrices: set[str] = set()
    current = ""
    for row in rows:
        cells = row + [""] * (max(question_at, code_at, label_at) + 1 - len(row))
        question, code, label = cells[question_at], cells[code_at], cells[label_at]
        current = question or current
        if not current:
            continue
        options = labels.setdefault(current, {})
        steps = _STEPS.search(label) if not code else None
        if steps:
            matrices.add(current)
            told = [part.strip() for part in steps[1].split(",")]
            options |= {str(n): mended(step) for n, step in enumerate(told, 1)}
        elif code and current not in matrices:
            options.setdefault(code, mended(label))
    return Codebook({question: options for question, options in labels.items() if options})
