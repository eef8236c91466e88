"""What is renamed in a wave that readers know is released by itself.

Everybody with a new name counts as changed, so that one changed answer would pass among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set

from dpg_warehouse.disclosure import ALL, ALL_OTHER
from dpg_warehouse.figures.answers import WaveAnswers
from dpg_warehouse.figures.digests import Digests, groups_of, name_digest
from dpg_warehouse.figures.releases import FormerRelease
from dpg_warehouse.figures.tables import Rows

# A question and its option; a question and nothing; nothing and a segment kind.
Name = tuple[str, str]


def renames_beside_changes(former: FormerRelease, wave: WaveAnswers, now: Digests) -> bool:
    """Whether names that readers know are gone and others have come, and that is not all that happened."""
    shown, known = _names_shown(former.rows), _names_known(wave)
    gone, came = shown - known, known - shown
    return bool(gone and came) and not _is_renaming(former.digests, now, gone, came)


def _is_renaming(then: Digests, now: Digests, gone: Set[Name], came: Set[Name]) -> bool:
    """Whether names that stay have the same respondents, and those that came the groups of those gone."""
    before, after = groups_of(then), groups_of(now)
    left, new = before - after, after - before
    return (
        {group.name for group in left} <= {name_digest(*name) for name in gone}
        and {group.name for group in new} <= {name_digest(*name) for name in came}
        and Counter(group.members for group in left) == Counter(group.members for group in new)
    )


def _names_shown(rows: Rows) -> set[Name]:
    shares = rows["released_shares"]
    options = ((row["question_id"], row["option_id"]) for row in shares if row["option_id"] != ALL_OTHER)
    return _with_questions(options, (row["segment_kind"] for row in shares if row["segment_kind"] != ALL))


def _names_known(wave: WaveAnswers) -> set[Name]:
    options = ((cell.key.question_id, cell.key.option_id) for cell in wave.cells)
    return _with_questions(options, (segment.kind for segment in wave.segments))


def _with_questions(options: Iterable[Name], kinds: Iterable[str]) -> set[Name]:
    names = set(options)
    return names | {(question_id, "") for question_id, _ in names} | {("", kind) for kind in kinds}
