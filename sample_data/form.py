"""The questionnaire of a wave as an XLSForm, in English and French.

Questions and options come from `sources/`; `questionnaire_texts.csv` adds the French and the texts
that no mart needs (groups, hints at the ranks, the contact field).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import openpyxl

from dpg_warehouse.configuration import Question, Source
from sample_data.workbooks import write_workbook

TRANSLATIONS = ("English (en)", "Français (fr)")
SURVEY_COLUMNS = ("type", "name", "relevant", "appearance", "required", "constraint")
TYPES = {"single": "select_one", "scale": "select_one", "rank": "select_one", "multiple": "select_multiple"}
Labels = list[str | None]


@dataclass(frozen=True)
class FormRow:
    """One row of the survey sheet; `path` is the group path that names the answer in a submission."""

    type: str
    name: str = ""
    path: str = ""
    labels: tuple[str | None, ...] = ()
    list_name: str = ""
    relevant: str = ""
    appearance: str = ""
    required: str = ""
    constraint: str = ""
    constraint_messages: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Form:
    """A wave's questionnaire."""

    source: Source
    wave_id: str

    @cached_property
    def texts(self) -> dict[tuple[str, str], dict[str, str]]:
        """Texts by item and option."""
        path = Path(__file__).with_name("questionnaire_texts.csv")
        with path.open(encoding="utf-8", newline="") as file:
            return {(row["item"], row["option_id"]): row for row in csv.DictReader(file)}

    def labels(self, item: str, option_id: str = "", english: str = "") -> tuple[str | None, ...]:
        """The English and French text of an item; KeyError where questionnaire_texts.csv lacks it."""
        row = self.texts[item, option_id]
        return (english or row["en"], row["fr"])

    @property
    def questions(self) -> list[Question]:
        """The wave's questions in their order; what a person coded afterwards was none."""
        return [q for q in self.source.questions if q.wave_id == self.wave_id and q.layout != "coded"]

    def rows(self) -> Iterator[FormRow]:
        """The survey sheet, group by group."""
        yield FormRow("start", "start", "start")
        yield FormRow("end", "end", "end")
        yield FormRow("note", "introduction", "introduction", self.labels("introduction"))
        group = ""
        for question in self.questions:
            if (named := question.fields[0].split("/")[0]) != group:
                if group:
                    yield FormRow("end_group")
                group = named
                label = self._wording(question) if question.kind == "rank" else self.labels(group)
                yield FormRow("begin_group", group, group, label, appearance="field-list")
            yield from self._ranks(question) if question.kind == "rank" else [self._row(question)]
        yield FormRow("text", "contact_email", f"{group}/contact_email", self.labels("contact_email"))
        yield FormRow("end_group")

    def choices(self) -> Iterator[tuple[str, str, tuple[str | None, ...]]]:
        """(list, choice, labels) of the choices sheet."""
        for question in self.questions:
            for option in self.source.options_of(self.wave_id, question.question_id):
                labels = self.labels(question.question_id, option.option_id, option.label)
                yield question.question_id, option.code, labels

    def _wording(self, question: Question) -> tuple[str | None, ...]:
        return self.labels(question.question_id, english=question.wording)

    def _row(self, question: Question) -> FormRow:
        role = next(q.fields[0].split("/")[-1] for q in self.questions if q.segment_kind == "role")
        is_number = question.kind == "number"
        return FormRow(
            type=TYPES.get(question.kind, "integer" if is_number else "text"),
            name=question.field.split("/")[-1],
            path=question.field,
            labels=self._wording(question),
            list_name=question.question_id if question.kind in TYPES else "",
            relevant="" if question.asked_of == "all" else f"${{{role}}} = '{question.asked_of}'",
            required="true" if question.question_id == "role" else "",
            constraint=". >= 0" if is_number else "",
            constraint_messages=self.labels("not_negative") if is_number else (),
        )

    def _ranks(self, question: Question) -> Iterator[FormRow]:
        """One list a rank, as KoboToolbox asks a ranking; none may be named twice."""
        earlier: list[str] = []
        for path in question.fields:
            name = path.split("/")[-1]
            yield FormRow(
                type="select_one",
                name=name,
                path=path,
                labels=self.labels(name),
                list_name=question.question_id,
                appearance="minimal",
                required="" if earlier else "true",
                constraint=" and ".join(f". != ${{{other}}}" for other in earlier),
                constraint_messages=self.labels("not_twice") if earlier else (),
            )
            earlier.append(name)


def write_xlsform(source: Source, wave_id: str, path: Path) -> None:
    """Write the questionnaire as an XLSForm workbook."""
    form = Form(source, wave_id)
    workbook = openpyxl.Workbook()
    survey = workbook.active
    assert survey is not None  # noqa: S101 - a new workbook has a sheet
    survey.title = "survey"
    messages = [f"constraint_message::{translation}" for translation in TRANSLATIONS]
    labels = [f"label::{translation}" for translation in TRANSLATIONS]
    survey.append([*SURVEY_COLUMNS, *labels, *messages])
    for row in form.rows():
        kind = f"{row.type} {row.list_name}".strip()
        cells = [kind, row.name, row.relevant, row.appearance, row.required, row.constraint]
        texts = [*(row.labels or ("", "")), *(row.constraint_messages or ("", ""))]
        survey.append([cell or None for cell in [*cells, *texts]])
    choices = workbook.create_sheet("choices")
    choices.append(["list_name", "name", *labels])
    for list_name, name, option_labels in form.choices():
        choices.append([list_name, name, *option_labels])
    settings = workbook.create_sheet("settings")
    settings.append(["form_title", "form_id", "version", "default_language"])
    settings.append([source.file.title, f"{source.source_id}_{wave_id}", "2", TRANSLATIONS[0]])
    write_workbook(workbook, path)
