"""Reads an export's header: what it asks in a column, of which row or option, and for which place."""

from __future__ import annotations

import re

from dpg_warehouse.forms import Column

_NUMBERING = re.compile(
    r"^\s*[Qq]?\d+(?:[._ ]\d+)*\s*[\u2014\u2013:.)-]\s*|^\s*[Qq]\d+(?:[._ ]\d+)*\s+(?=\S)"
)
_CODE = re.compile(r"[A-Za-z]{0,8}\d+(?:[._-]?[A-Za-z0-9]+)*")
_BRACKETS = re.compile(r"(.+?)\s*\[([^\[\]]+)\]")
_STEM = re.compile(r"(.+?)[_./:]+ ?(.+)")
_NUMBERED = re.compile(r"([^\W\d_][\w -]{2,}?)[ _.#-]*([1-9])")
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PLACE = re.compile(rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)|({'|'.join(_PLACES)}))\b", re.IGNORECASE)
_NUMBER = re.compile(r"\W*(?:no|rank|choice|place|priority|option)?[\s.#]*(\d{1,2})\W*", re.IGNORECASE)
_FOREMOST = re.compile(r"\b(?:most|greatest|biggest|main|top|primary)\b", re.IGNORECASE)
_ABOUT_THE_ANSWER = re.compile(
    r"\b(?:start|end|date|time|timestamp|submitted|status|duration|minutes|collector|sequence|serial|language"
    r"|lang|id|respondent|response id|version)\b|^(?:filter|exclude)\b",
    re.IGNORECASE,
)
_NOES = frozenset({"0", "no", "false", "n"})


def question_text(column: Column) -> str:
    """What the header asks in this column, without its number; columns of one question share it."""
    above = _above(column)
    if above:
        return above
    only = _only(column)
    in_brackets = _BRACKETS.fullmatch(only)
    if in_brackets:
        return in_brackets[1]
    if is_mark(column):
        stem = _STEM.fullmatch(only)
        return stem[1] if stem else only
    if column.is_closed and _PLACE.search(only):
        return " ".join(_PLACE.sub(" ", only).split())
    numbered = _NUMBERED.fullmatch(only) if column.is_closed and not _CODE.fullmatch(only) else None
    return numbered[1] if numbered else only


def whole_text(column: Column) -> str:
    """What the header asks in a column that stands alone."""
    return _above(column) or _only(column)


def own_text(column: Column) -> str:
    """The row, option or place of this column within its question."""
    if len(column.parts) > 1:
        return column.parts[-1]
    only = _only(column)
    found = _BRACKETS.fullmatch(only) or (_STEM.fullmatch(only) if is_mark(column) else None)
    return found[2] if found else only


def text_apart(column: Column, text: str) -> str:
    """What a column asks that stands beside others of its question and is none of their sort."""
    own = own_text(column)
    if own.casefold() == "response":
        return text
    return own if text.casefold() in own.casefold() else f"{text} {own}"


def places_of(columns: list[Column]) -> list[int] | None:
    """Which place of a rank each column is for; None where they aren't places, each once, from the first."""
    texts = [own_text(column) for column in columns]
    found = [_place(text) for text in texts]
    if found[0] is None and _FOREMOST.search(texts[0]):
        found[0] = 1
    said = [place for place in found if place is not None]
    return said if len(columns) > 1 and sorted(said) == list(range(1, len(columns) + 1)) else None


def is_numbered(columns: list[Column]) -> bool:
    """Whether numbers alone tell the places, which may stand for something else."""
    return not any(_PLACE.search(own_text(column)) for column in columns[1:])


def is_mark(column: Column) -> bool:
    """Whether the column says at most that something was chosen or not."""
    words = {value.lower() for value in column.values}
    return len(words) <= 1 or (len(words) == 2 and bool(words & _NOES))


def mark_of(column: Column) -> str:
    """The value that means yes in a column that is a mark; empty where nobody gave it."""
    noes = _NOES if len(column.values) > 1 else _NOES - {"0"}  # alone, 0 is a code like any other
    return next((value for value in column.values if value.lower() not in noes), "")


def is_about_the_answer(column: Column) -> bool:
    """Whether a column is the survey tool's own: it stands under no question and is called so, in short."""
    text = whole_text(column)
    said = {part.casefold() for part in column.parts} - {"response"}
    found = _ABOUT_THE_ANSWER.search(text) if len(said) == 1 and len(text) < 60 else None
    is_asked = "?" in text or "[" in text or len(text.split()) > 4
    return found is not None and (not is_asked or found[0].lower() in ("filter", "exclude"))


def _above(column: Column) -> str:
    above = column.heading
    if above and _CODE.fullmatch(above) and not _CODE.fullmatch(column.parts[-1]):
        return column.parts[-1]  # a row of codes above a row of questions
    return _NUMBERING.sub("", above).strip()


def _only(column: Column) -> str:
    only = column.parts[0] if column.parts else column.field
    return _NUMBERING.sub("", only).strip() or only


def _place(text: str) -> int | None:
    found = _PLACE.search(text)
    if found:
        return int(found[1]) if found[1] else _PLACES.index(found[2].lower()) + 1
    number = _NUMBER.fullmatch(text) or _NUMBERED.fullmatch(text)
    return int(number[number.re.groups]) if number else None
