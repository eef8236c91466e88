"""Writes a wave's answers as the export files that survey tools give: delimited text and XLSX."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl

from dpg_warehouse.configuration import Option, Question, Source
from sample_data.respondents import Respondent
from sample_data.workbooks import write_workbook

RANKS = ("First", "Second", "Third")
MONTHS = "months_of_runway"


def write_delimited(source: Source, wave_id: str, respondents: Sequence[Respondent], path: Path) -> None:
    """One header row with short names; options as numbers, and 1 where one of several was chosen."""
    fields = [field for field, _, _ in _columns(source, wave_id)]
    people = ["contact_email", "ip_address", "data_origin"]
    head = ["response_id", "submitted_at", "status", "language", "collector", *people]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([*head, *fields])
        for respondent in respondents:
            cells = answer_cells(source, wave_id, respondent)
            writer.writerow(
                [
                    f"R{respondent.number:04}",
                    respondent.submitted_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "complete" if respondent.is_complete else "partial",
                    "en",
                    "invitation",
                    f"respondent-{respondent.number:02}@example.org",
                    f"192.0.2.{respondent.number}",
                    "synthetic",
                    *(cells.get(field, "") for field in fields),
                ]
            )


def write_xlsx(source: Source, wave_id: str, respondents: Sequence[Respondent], path: Path) -> None:
    """A banner and two header rows (question, then code and option); options as their texts."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    sheet.title = source.wave(wave_id).sheet or "Answers"
    columns = list(_columns(source, wave_id))
    head = ["Respondent ID", "Submitted at", "Status", "Collector", "IP address", "Contact e-mail"]
    sheet.append(["Synthetic sample: no person gave these answers"])
    sheet.append([*head, *_first_mentions([question.wording for _, question, _ in columns])])
    sheet.append([*head, *(f"{field} {text}" for field, _, text in columns)])
    for respondent in respondents:
        cells = answer_cells(source, wave_id, respondent)
        answers = [
            int(cells[field]) if question.question_id == MONTHS and field in cells else cells.get(field)
            for field, question, _ in columns
        ]
        sheet.append([*_xlsx_head(respondent), *answers])
    write_workbook(workbook, path)


def _xlsx_head(respondent: Respondent) -> list[int | str]:
    return [
        11_800_000 + 37 * respondent.number,
        respondent.submitted_at.strftime("%Y-%m-%d %H:%M:%S"),
        "Complete" if respondent.is_complete else "Partial",
        "E-mail invitation",
        f"198.51.100.{respondent.number}",
        f"respondent-{respondent.number:02}@example.org",
    ]


def answer_cells(source: Source, wave_id: str, respondent: Respondent) -> dict[str, str]:
    """A respondent's answers as {source field: source code}, by what questions.csv and options.csv say."""
    cells: dict[str, str] = {}
    for question in source.questions:
        answer = respondent.answers.get(question.question_id)
        if question.wave_id != wave_id or not answer:
            continue
        options = {o.option_id: o for o in source.options_of(wave_id, question.question_id)}
        cells.update(_question_cells(question, options, answer))
    return cells


def _question_cells(question: Question, options: dict[str, Option], answer: list[str]) -> dict[str, str]:
    if question.layout == "column_per_option":
        chosen = [options[option_id] for option_id in answer]
        return {option.field: option.code or option.label for option in chosen}
    codes = [options[answered].code if options else answered for answered in answer]
    if question.layout == "space_separated":
        ordered = [option.code for option in options.values() if option.code in codes]
        return {question.field: " ".join(ordered)}
    return dict(zip(question.fields, codes, strict=False))  # a ranking may end after its first place


def _columns(source: Source, wave_id: str) -> Iterator[tuple[str, Question, str]]:
    """(field, question, text of the column) in the order of the questionnaire."""
    for question in source.questions:
        if question.wave_id != wave_id or question.layout == "coded":
            continue
        if question.layout == "column_per_option":
            for option in source.options_of(wave_id, question.question_id):
                yield option.field, question, option.label
        elif question.layout == "column_per_rank":
            yield from ((f, question, rank) for f, rank in zip(question.fields, RANKS, strict=True))
        else:
            yield question.field, question, "Response"


def _first_mentions(texts: Sequence[str]) -> list[str | None]:
    """Each text where it first stands, None where it only continues, as merged header cells read."""
    return [None if n and text == texts[n - 1] else text for n, text in enumerate(texts)]
