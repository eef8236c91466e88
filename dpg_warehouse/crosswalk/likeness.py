"""How alike two texts are."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOT_WORDS = re.compile(r"[^\w+<>%]+")
# Ways to write one thing, which lists of options differ in without meaning another thing.
_SPELLINGS = (
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"(\d)\s*(?:or more|and more|and over|\+)"), r"\1+"),
    (re.compile(r"(\d)\s*(?:-|to|\u2013)\s*(?=\d)"), r"\1 "),
    (re.compile(r"\bi?\s*(?:dont|do not) know\b.*|^(?:not sure|unsure|unknown)$"), "dont know"),
)


def text_score(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 100: order and asides count little."""
    left, right = plain(one), plain(other)
    if not left or not right:
        return 0.0
    return 0.5 * fuzz.ratio(left, right) + 0.5 * fuzz.token_sort_ratio(left, right)


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """A text in small letters, without asides in brackets, punctuation and curly quotes."""
    small = text.casefold().replace("\u2019", "'").replace("'", "")
    for pattern, spelling in _SPELLINGS:
        small = pattern.sub(spelling, small)
    return _NOT_WORDS.sub(" ", _ASIDE.sub(" ", small)).strip() or _NOT_WORDS.sub(" ", small).strip()
