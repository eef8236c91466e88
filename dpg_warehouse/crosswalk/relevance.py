"""Turns an XLSForm's `relevant` into the skip logic of questions.csv, where it is simple enough."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FIELD = r"(?:\$\{(?P<name>[\w.-]+)\}|(?:\.\./|/)(?:[\w.-]+/|\.\./)*(?P<path>[\w.-]+))"
_VALUE = r"['\u2018\u2019\"](?P<code>[^'\u2018\u2019\"]+)['\u2018\u2019\"]"
_EQUAL = re.compile(rf"{_FIELD}\s*=\s*{_VALUE}")
_SELECTED = re.compile(rf"selected\(\s*{_FIELD}\s*,\s*{_VALUE}\s*\)")

# The form's question name -> question_id, and option_id by code.
Known = Mapping[str, tuple[str, Mapping[str, str]]]


def shown_if(relevant: str, known: Known) -> str | None:
    """The condition as `question = option or other`, several joined by ` and `; None where it is not simple.

    A negation, a comparison of numbers or a choice between two questions cannot be said so.
    """
    conditions = []
    for part in _split(relevant, "and"):
        choices = [_choice(choice, known) for choice in _split(part, "or")]
        questions = {choice[0] for choice in choices if choice}
        if None in choices or len(questions) != 1:
            return None
        options = " or ".join(dict.fromkeys(choice[1] for choice in choices if choice))
        conditions.append(f"{questions.pop()} = {options}")
    return " and ".join(dict.fromkeys(conditions))


def _choice(text: str, known: Known) -> tuple[str, str] | None:
    match = _EQUAL.fullmatch(text) or _SELECTED.fullmatch(text)
    if match is None:
        return None
    question_id, options = known.get(match["name"] or match["path"], ("", {}))
    option_id = options.get(match["code"])
    return (question_id, option_id) if option_id else None


def _split(text: str, word: str) -> list[str]:
    """The parts of an expression between a word that stands outside all brackets and quotes."""
    text = _unwrapped(text.strip())
    parts, depth, start, quote = [], 0, 0, ""
    for match in re.finditer(rf"['\"()]|(?<=[\s)]){word}(?=[\s(])", text):
        piece = match[0]
        if piece in "'\"":
            quote = "" if quote == piece else quote or piece
        elif quote:
            continue
        elif piece == word and depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
        elif piece in "()":
            depth += 1 if piece == "(" else -1
    return [_unwrapped(part.strip()) for part in [*parts, text[start:]]]


def _unwrapped(text: str) -> str:
    """The text without brackets around the whole of it."""
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_end(text: str) -> bool:
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place == len(text) - 1
    return False
