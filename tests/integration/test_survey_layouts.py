"""Exports of every layout, drafted, adopted, checked and pulled: what a draft says, gate 1 accepts."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, permutations
from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.pipeline import surveying
from dpg_warehouse.records import LoadStatus, PullRequest
from dpg_warehouse.settings import Settings
from tests.unit.crosswalk.builders import SOURCE, survey_folder

Columns = Sequence[Sequence[str]]  # each a header of one text a row, and then the answers
OPTIONS = ("Money", "Law", "People", "Time")
STEPS = ("Never", "Sometimes", "Often")
ROWS = ("Write code", "Read code")
ORDERS = list(islice(permutations(OPTIONS), 24))
RESPONSES = len(ORDERS)


def answered(header: Sequence[str], answers: Sequence[str]) -> list[str]:
    return [*header, *answers]


def step(row: int, response: int) -> str:
    """What a response says in a row of the matrix; the last step is rare in the last row."""
    return "Often" if row and response == 0 else STEPS[(response + row) % (3 - row)]


def places(*heads: str) -> Columns:
    texts = ("First choice", "Second choice", "Third choice")
    return [answered((*heads, text), [order[n] for order in ORDERS]) for n, text in enumerate(texts)]


def ranks(*heads: str) -> Columns:
    return [
        answered((*heads, option), [str(order.index(option) + 1) for order in ORDERS]) for option in OPTIONS
    ]


def matrix(*heads: str, coded: bool = False) -> Columns:
    cells = [[step(row, n) for n in range(RESPONSES)] for row in range(len(ROWS))]
    said = [[str(STEPS.index(cell) + 1) for cell in column] if coded else column for column in cells]
    return [answered((*heads, row), column) for row, column in zip(ROWS, said, strict=True)]


def matrix_of_marks(*heads: str) -> Columns:
    return [
        answered((*heads, f"{row} - {one}"), [one if step(n, r) == one else "" for r in range(RESPONSES)])
        for n, row in enumerate(ROWS)
        for one in STEPS
    ]


def choices(*heads: str) -> Columns:
    marked = [
        answered((*heads, option), [option if option in order[:2] else "" for order in ORDERS])
        for option in OPTIONS
    ]
    words = [f"in my own words {n}" if n % 5 == 0 else "" for n in range(RESPONSES)]
    return [*marked, answered((*heads, "Other (please specify)"), words)]


def in_brackets(columns: Columns) -> Columns:
    """The same under one header row, as a form's grid is exported."""
    return [[f"{column[0]} [{column[1]}]", *column[2:]] for column in columns]


def export(path: Path, columns: Columns, header_rows: int) -> None:
    """Write an export with a respondent's key, headers merged over the columns that share them."""
    keys = answered(("respondent", *[""] * (header_rows - 1)), [f"r{n}" for n in range(RESPONSES)])
    rows = [list(row) for row in zip(keys, *columns, strict=True)]
    for row in rows[: header_rows - 1]:
        row[1:] = [cell if n == 0 or cell != row[n] else "" for n, cell in enumerate(row[1:])]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


TWO_ROWS = [
    *places("What are your greatest challenges?"),
    *ranks("Please rank what holds you back"),
    *matrix("How often do you do the following?"),
    *matrix_of_marks("How often did you do so last year?"),
    *choices("Which apply to you?"),
]
THREE_ROWS = [
    *[[f"Q1_{n}", *column] for n, column in enumerate(places("What are your greatest challenges?"), 1)],
    *[[f"Q2_{n}", *column] for n, column in enumerate(ranks("What holds you back?"), 1)],
    *[[f"Q3_{n}", *column] for n, column in enumerate(matrix("How often do you?", coded=True), 1)],
    *[[f"Q4_{n}", *column] for n, column in enumerate(matrix_of_marks("How often did you?"), 1)],
    *[[f"Q5_{n}", *column] for n, column in enumerate(choices("Which apply to you?"), 1)],
]
ONE_ROW = in_brackets(
    [
        *places("What are your greatest challenges?"),
        *ranks("Please rank what holds you back"),
        *matrix("How often do you do the following?"),
    ]
)
MARKS = {("single", "column_per_option"): 2, ("multiple", "column_per_option"): 1}
CELLS = {("rank", "column_per_rank"): 1, ("rank", "column_per_option"): 1, ("single", "value"): 2}


@pytest.mark.parametrize(
    ("columns", "header_rows", "expected"),
    [
        pytest.param(ONE_ROW, 1, CELLS, id="one header row"),
        pytest.param(TWO_ROWS, 2, CELLS | MARKS, id="two header rows"),
        pytest.param(THREE_ROWS, 3, CELLS | MARKS, id="three header rows"),
    ],
)
def test_what_is_drafted_of_an_export_is_accepted_by_gate_1(
    warehouse: Settings,
    tmp_path: Path,
    columns: Columns,
    header_rows: int,
    expected: dict[tuple[str, str], int],
) -> None:
    described = SOURCE.replace(
        "respondent_key: respondent}", f"respondent_key: respondent, header_rows: {header_rows}}}"
    )
    folder = survey_folder(tmp_path / "roots", source=described)
    for name in ("questions", "options"):
        (folder / f"{name}.csv").unlink()
    export(folder / "w1.csv", columns, header_rows)
    settings = replace(warehouse, source_roots=(tmp_path / "roots",))
    source = find_source(settings.source_roots, "tiny")
    draft, _ = surveying.draft_survey(settings, source, surveying.DraftRequest("w1"), None)
    assert Counter((row["kind"], row["layout"]) for row in draft.questions) == expected
    assert "own words" not in repr(draft)
    assert surveying.adopt_draft(settings, "tiny", "w1").problems == ()
    assert surveying.check_survey(settings, "tiny").is_sound
    adopted = find_source(settings.source_roots, "tiny")
    load = pipeline.ingest(settings, adopted, PullRequest("tiny", "w1", None, None))
    assert load.status is LoadStatus.ACCEPTED, pipeline.why_refused(settings, load.load_id)
    for matrix_id in {question.part_of for question in adopted.questions if question.part_of}:
        rows = [question for question in adopted.questions if question.part_of == matrix_id]
        offered = {
            tuple(option.option_id for option in adopted.options_of("w1", row.question_id)) for row in rows
        }
        assert len(rows) == len(ROWS)
        assert len(offered) == 1
