"""What was merged, collapsed and withheld in a table once published: later releases keep it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dpg_warehouse.disclosure.merging import Groups
from dpg_warehouse.disclosure.tables import Column


@dataclass(frozen=True)
class Withheld:
    """One cell without figures, with the band it showed."""

    column: Column
    parts: tuple[str, ...]  # of its segment
    share_band: str | None


@dataclass(frozen=True)
class Pattern:
    """How one question was shown by one segment kind (or for all respondents) in a wave's last release."""

    question_id: str
    segment_kind: str
    is_too_few: bool = False
    groups: Groups = ()
    kept_options: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The pattern as what JSON can hold."""
        return {
            "question_id": self.question_id,
            "segment_kind": self.segment_kind,
            "is_too_few": self.is_too_few,
            "groups": [list(group) for group in self.groups],
            "kept_options": list(self.kept_options),
            "withheld": [[*w.column, list(w.parts), w.share_band] for w in self.withheld],
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Pattern:
        """The pattern that `as_json` wrote."""
        return cls(
            document["question_id"],
            document["segment_kind"],
            document["is_too_few"],
            tuple(tuple(group) for group in document["groups"]),
            tuple(document["kept_options"]),
            tuple(
                Withheld(Column(measure, option_id), tuple(parts), band)
                for measure, option_id, parts, band in document["withheld"]
            ),
        )

    def band_before(self, column: Column, parts: tuple[str, ...]) -> tuple[bool, str | None]:
        """Whether the cell, or a cell of a part of the segment, was withheld, and under which band.

        Of parts with different bands no band holds.
        """
        bands = {w.share_band for w in self.withheld if w.column == column and set(w.parts) <= set(parts)}
        return bool(bands), bands.pop() if len(bands) == 1 else None

    def with_later(self, withheld: Iterable[Withheld]) -> tuple[Withheld, ...]:
        """The cells that a later release withholds, and those of this one that it has no figure for."""
        later = tuple(withheld)
        covered = [(w.column, frozenset(w.parts)) for w in later]
        kept = (
            w
            for w in self.withheld
            if not any(column == w.column and set(w.parts) <= parts for column, parts in covered)
        )
        return (*later, *kept)
