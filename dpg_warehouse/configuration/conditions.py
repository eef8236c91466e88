"""Skip logic as questions.csv writes it: `role = owner or would_be_owner and wants_help = yes`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONDITION = re.compile(
    r"(?P<question>[a-z0-9][a-z0-9_]*)\s*=\s*"
    r"(?P<options>[a-z0-9][a-z0-9_]*(?:\s+or\s+[a-z0-9][a-z0-9_]*)*)"
)


@dataclass(frozen=True)
class Condition:
    """One of these options must have been chosen in the question."""

    question_id: str
    option_ids: tuple[str, ...]


def read_conditions(text: str) -> tuple[Condition, ...]:
    """The conditions of a `shown_if`, which hold all together; ValueError where it cannot be read."""
    if not text.strip():
        return ()
    return tuple(_read_condition(part) for part in re.split(r"\s+and\s+(?=\S+\s*=)", text.strip()))


def _read_condition(text: str) -> Condition:
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"`{text.strip()}` is no condition; write `question = option or other_option`, "
            "and join several by ` and `"
        )
    return Condition(match["question"], tuple(re.split(r"\s+or\s+", match["options"])))
