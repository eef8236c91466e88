"""Makes ids and labels out of a questionnaire's texts."""

from __future__ import annotations

import re
import unicodedata

from dpg_warehouse.configuration import is_reserved_option
from dpg_warehouse.crosswalk.likeness import plain

_LONGEST_ID = 40
_LONGEST_LABEL = 60
_FILLER = re.compile(
    r"a|an|and|any|are|as|at|be|been|best|by|can|choose|did|do|does|for|from|has|have|how|if|in|is|it|its|many"
    r"|most|much|of|on|or|our|over|select|that|the|their|them|these|they|this|to|was|were|what|when|where"
    r"|which|who|why|will|with|would|you|your"
)


def new_id(text: str, taken: set[str]) -> str:
    """An id out of a text, unlike those that are taken, which it joins."""
    words = [_ascii(word) for word in plain(text.replace("<", "below ").replace(">", "above ")).split()]
    telling = [word for word in words if word and not _FILLER.fullmatch(word)] or [
        word for word in words if word
    ]
    name = ""
    for word in telling:
        if name and len(name) + len(word) >= _LONGEST_ID:
            break
        name = f"{name}_{word}" if name else word[:_LONGEST_ID]
    name = name or "unnamed"
    if is_reserved_option(name):
        name = f"the_{name}"
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique)
    return unique


def short_label(text: str) -> str:
    """A text without what stands in brackets, cut at a word."""
    short = re.sub(r"\s*\([^()]*\)|\s*\[[^\[\]]*\]", "", text).strip() or text
    if len(short) <= _LONGEST_LABEL:
        return short
    return f"{short[:_LONGEST_LABEL].rsplit(' ', 1)[0]} \u2026"


def _ascii(word: str) -> str:
    """A word in plain letters; of a script that has none, nothing."""
    decomposed = unicodedata.normalize("NFKD", word.replace("+", "_or_more").replace("%", ""))
    return re.sub(r"[^a-z0-9_]", "", decomposed.casefold()).strip("_")
