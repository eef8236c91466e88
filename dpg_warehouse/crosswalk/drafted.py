"""One drafted question: its row, and what it was drafted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dpg_warehouse.configuration import Option
from dpg_warehouse.crosswalk.matching import Match
from dpg_warehouse.forms import FormQuestion

Row = dict[str, str]


@dataclass(frozen=True)
class Drafted:
    """A question's row with the ids of its options, and the options of earlier waves that they resemble."""

    row: Row
    question: FormQuestion
    match: Match | None
    option_ids: tuple[str, ...]
    found: Mapping[int, tuple[Option, int]]  # place of an option -> the earlier one, and the score

    @property
    def question_id(self) -> str:
        """The id of the question."""
        return self.row["question_id"]

    def note(self, sentence: str) -> None:
        """Add a sentence to what a person should look at."""
        self.row["note"] = f"{self.row['note']} {sentence}".strip()
