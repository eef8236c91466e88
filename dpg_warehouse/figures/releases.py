"""Releases: answers of a closed wave change for readers in steps that reveal nobody.

A difference between two publishes of one table that one respondent alone has made shows what this one
answered. So a wave is published anew only when in every table that its readers saw nobody changed or at
least three respondents did; until then its rows stay those of its last release, whatever became of the
answers in landing. docs/methodology.md says what a reader may expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dpg_warehouse.disclosure import Pattern, Rules
from dpg_warehouse.figures.digests import (
    Digests,
    Table,
    table_of_need,
    table_of_share,
)
from dpg_warehouse.figures.tables import Rows

LEAST_CHANGED = 3


@dataclass(frozen=True)
class FormerRelease:
    """What the last release of a wave showed."""

    release_number: int
    digests: Digests  # without those of respondents who were forgotten since
    tables: Sequence[Table]  # that readers saw; their counts include those who were forgotten since
    rows: Rows
    patterns: Sequence[Pattern] = ()


@dataclass(frozen=True)
class WaveRelease:
    """What becomes of one wave in this build."""

    survey_id: str
    wave_id: str
    release_number: int
    is_held: bool
    digests: Digests
    rows: Rows
    patterns: Sequence[Pattern] = ()
    told: Sequence[str] = ()  # of a held wave why it is, and what it can no longer show, in sentences


@dataclass
class Releases:
    """The releases of a build, to be kept when it is published."""

    waves: list[WaveRelease] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know: which changes wait for others."""
        return tuple(
            f"{wave.survey_id} {wave.wave_id} stays at release {wave.release_number}: {' '.join(wave.told)}"
            for wave in self.waves
            if wave.is_held
        )


def count_changed(table: Table, then: Digests, now: Digests) -> int:
    """How many respondents came to the table, left it or answer otherwise since its last release."""
    before, after = table.members(then), table.members(now)
    edited = {one for one in before & after if then[one][table.subject] != now[one][table.subject]}
    forgotten = table.count - len(before)
    return len(before ^ after | edited) + forgotten


def count_moved(table: Table, then: Digests, now: Digests) -> int:
    """How many came to the table's segment or left it and answered its question both times."""
    if not table.is_of_segment:
        return 0
    moved = table.members(then) ^ table.members(now)
    return sum(table.subject in then.get(one, ()) and table.subject in now.get(one, ()) for one in moved)


def is_changed(former: FormerRelease, now: Digests) -> bool:
    """Whether any table that readers saw would show other respondents or answers."""
    return any(count_changed(table, former.digests, now) for table in former.tables)


def why_to_be_held(former: FormerRelease, now: Digests, rules: Rules) -> str | None:
    """Why the wave must go on showing its former release, in a sentence; None where it need not.

    Those who move between segments are a group themselves, the difference of two that are shown.
    """
    changed = [count_changed(table, former.digests, now) for table in former.tables]
    few = sum(0 < count < LEAST_CHANGED for count in changed)
    if few:
        return (
            f"{few} of its {len(changed)} tables would change by fewer than {LEAST_CHANGED} respondents, "
            "which is not published by itself."
        )
    if any(0 < count_moved(table, former.digests, now) < rules.min_base for table in former.tables):
        return (
            f"fewer than {rules.min_base} respondents moved from one segment to another, which is not "
            "published by itself."
        )
    return None


def hides_what_is_known(former: FormerRelease, now: Digests, rows: Rows) -> bool:
    """Whether rows no longer show a count that readers have and that is still the same.

    It would protect no other count of its question, of which something else changed.
    """
    changed = {
        replace(table, count=0) for table in former.tables if count_changed(table, former.digests, now)
    }
    return any(
        table not in changed and Table(table.subject) in changed
        for table, *_ in _published(former.rows) - _published(rows)
    )


def _published(rows: Rows) -> set[tuple[Table, str, str]]:
    shown = {
        (table_of_share(row), row["measure"], row["option_id"])
        for row in rows["released_shares"]
        if row["chosen_count"] is not None
    }
    return shown | {
        (table_of_need(row), "any_mention", row["option_id"])
        for row in rows["released_needs"]
        if row["chosen_count"] is not None
    }
