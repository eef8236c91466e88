"""Guesses the questions of an export from its header and from which answers repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from dpg_warehouse.crosswalk.codebooks import Codebook
from dpg_warehouse.crosswalk.personal import is_personal_name, may_list_persons
from dpg_warehouse.forms import Column, Form, FormOption, FormQuestion

_NUMBERING = re.compile(
    r"^\s*[Qq]?\d+(?:[._ ]\d+)*\s*[\u2014\u2013:.)-]\s*|^\s*[Qq]\d+(?:[._ ]\d+)*\s+(?=\S)"
)
_CODE = re.compile(r"[A-Za-z]{0,8}\d+(?:[._-]?[A-Za-z0-9]+)*")
_SPECIFY = re.compile(r"other|specify|explain|open-ended|comment", re.IGNORECASE)
_ABOUT_THE_ANSWER = re.compile(
    r"\b(?:start|end|date|time|timestamp|submitted|status|duration|minutes|collector|sequence|serial|language"
    r"|lang|id|respondent|response id|version|filter)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:1st|2nd|3rd|[4-9]th|first|second|third|fourth|fifth)\b", re.IGNORECASE)
_RANKING = re.compile(r"\brank|\border of\b", re.IGNORECASE)
_STEM = re.compile(r"(.+?)(?:\[(.+)\]|[_./:]+ ?(.+))$")
_NOES = frozenset({"0", "no", "false", "n"})
_ROW_JOINT = " - "  # between a row and an option of a matrix with a column for each of both


def form_of_columns(columns: Sequence[Column], codebook: Codebook, language: str = "en") -> Form:
    """The questions that an export seems to hold."""
    personal = [column.field for column in columns if _is_personal(column)]
    keys = [column.field for column in columns if column.is_unique and column.field not in personal]
    others: dict[str, str] = {}
    rest = []
    for column in columns:
        if column.is_twice:
            others[column.field] = "the name of several columns"
        elif _is_about_the_answer(column):
            others[column.field] = "about the answer, not a question"
        elif column.field not in (*personal, *keys):
            rest.append(column)
    questions: list[FormQuestion] = []
    for text, group in groupby(rest, key=_question_text):
        found = list(_questions(text, list(group), codebook, language))
        questions += [question for question in found if isinstance(question, FormQuestion)]
        others |= {
            column.field: f"free text beside {text!r}" for column in found if isinstance(column, Column)
        }
    twice = dict.fromkeys(column.field for column in columns if column.is_twice)
    return Form(tuple(questions), (language,), tuple(personal), others, tuple(keys), tuple(twice))


def _questions(
    text: str, group: list[Column], codebook: Codebook, language: str
) -> Iterator[FormQuestion | Column]:
    """The questions of columns that share a text, and the columns that only add words to them."""
    if len(group) == 1:
        yield _of_column(group[0], text, codebook, language)
        return
    listed = [column for column in group if column.is_closed or not column.filled_count]
    yield from (column for column in group if column not in listed and _SPECIFY.search(column.parts[-1]))
    open_ones = [c for c in group if c not in listed and not _SPECIFY.search(c.parts[-1])]
    yield from (_of_column(column, text, codebook, language) for column in open_ones)
    if len(listed) == 1:
        yield _of_column(listed[0], text, codebook, language)
    elif listed and all(_is_mark(column) for column in listed):
        yield from _of_marks(text, listed, language)
    elif listed:
        yield from _of_cells(text, listed, codebook, language)


def _of_marks(text: str, columns: Sequence[Column], language: str) -> Iterator[FormQuestion]:
    """One column an option: of one question, or of each row of a matrix."""
    pairs = [(column.parts[-1].rpartition(_ROW_JOINT)[0], column) for column in columns]
    told = [pair for pair in pairs if pair[0] or pair[1].filled_count]
    if all(row for row, _ in told) and 1 < len({row for row, _ in told}) < len(told):
        for row, group in groupby(told, key=lambda pair: pair[0]):
            marked = [column for _, column in group]
            options = tuple(_mark(one, one.parts[-1].rpartition(_ROW_JOINT)[2], language) for one in marked)
            kind = "single" if _is_exclusive(marked) else "multiple"
            yield FormQuestion("", "column_per_option", kind, {language: row}, options, part_of=text)
        return
    options = tuple(_mark(column, column.parts[-1], language) for column in columns)
    kind = "single" if _is_exclusive(columns) else "multiple"
    yield FormQuestion("", "column_per_option", kind, {language: text}, options)


def _of_cells(
    text: str, columns: Sequence[Column], codebook: Codebook, language: str
) -> Iterator[FormQuestion]:
    """Columns that each hold several values: places of a rank, ranks of options, or rows of a matrix."""
    values = {value: None for column in columns for value in column.values}
    if all(_PLACE.search(column.parts[-1]) for column in columns):
        options = _options(tuple(values), codebook.of(columns[0].field), language)
        fields = "|".join(column.field for column in columns)
        yield FormQuestion(fields, "column_per_rank", "rank", {language: text}, options)
    elif _RANKING.search(text) and all(value.isdigit() for value in values):
        marked = tuple(FormOption("", {language: c.parts[-1]}, c.field) for c in columns)
        yield FormQuestion("", "column_per_option", "rank", {language: text}, marked)
    else:
        for column in columns:
            options = _options(column.values, codebook.of(column.field), language)
            yield FormQuestion(
                column.field, "value", "single", {language: column.parts[-1]}, options, part_of=text
            )


def _of_column(column: Column, text: str, codebook: Codebook, language: str) -> FormQuestion:
    told = codebook.of(column.field)
    note = ""
    if column.left_out_count:
        note = f"Not shown: {column.left_out_count} values that fewer than three respondents gave."
    layout, kind = "value", "text"
    if column.is_listed:
        layout, kind = "space_separated", "multiple"
    elif (
        column.is_number and not told and (not column.is_closed or re.match("how many", text, re.IGNORECASE))
    ):
        kind = "number"
    elif column.is_closed:
        kind = "single"
        if column.is_number and not told:
            note = f"{note} Codes without a codebook, or a number?".strip()
    options = _options(column.values, told, language) if kind in ("single", "multiple") else ()
    return FormQuestion(column.field, layout, kind, {language: text}, options, note=note)


def _options(values: Sequence[str], told: Mapping[str, str], language: str) -> tuple[FormOption, ...]:
    """The codes of the codebook and of the answers, numbers in their order."""
    codes: Iterable[str] = dict.fromkeys([*told, *values]) if told else values
    if all(code.isdigit() for code in codes):
        codes = sorted(codes, key=int)
    return tuple(FormOption(code, {language: told.get(code, code)}) for code in codes)


def _mark(column: Column, label: str, language: str) -> FormOption:
    """An option with a column of its own; where the cells repeat its text, any text is a yes."""
    noes = _NOES if len(column.values) > 1 else _NOES - {"0"}  # alone, 0 is a code like any other
    yes = next((value for value in column.values if value.lower() not in noes), "")
    return FormOption("" if yes == column.parts[-1] or len(yes) > 5 else yes, {language: label}, column.field)


def _is_mark(column: Column) -> bool:
    words = {value.lower() for value in column.values}
    return len(words) <= 1 or (len(words) == 2 and bool(words & _NOES))


def _is_exclusive(columns: Sequence[Column]) -> bool:
    """Whether no response marks two of the columns."""
    seen = 0
    for column in columns:
        if seen & column.marks:
            return False
        seen |= column.marks
    return seen != 0


def _is_personal(column: Column) -> bool:
    if column.is_personal or column.is_closed:
        return column.is_personal or may_list_persons(column.parts, column.values)
    return any(is_personal_name(part) for part in column.parts)


def _is_about_the_answer(column: Column) -> bool:
    """Whether a column is the survey tool's own: it stands under no question and is called so."""
    text = _question_text(column)
    said = {part.casefold() for part in column.parts} - {"response"}
    return len(said) == 1 and len(text) < 60 and _ABOUT_THE_ANSWER.search(text) is not None


def _question_text(column: Column) -> str:
    """What the header asks in this column, without its number; columns of one question share it."""
    above = max(column.parts[:-1], key=len, default="")
    if above and _CODE.fullmatch(above) and not _CODE.fullmatch(column.parts[-1]):
        return column.parts[-1]  # a row of codes above a row of questions
    if above:
        return _NUMBERING.sub("", above).strip()
    only = column.parts[0] if column.parts else column.field
    stem = _STEM.fullmatch(only)
    return stem[1] if stem and _is_mark(column) else only
