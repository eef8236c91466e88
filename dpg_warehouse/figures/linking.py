"""Those who answered a question in two waves, and whether figures may tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.estimation.differences import Linked, Wave
from dpg_warehouse.figures.answers import Mask

Key = tuple[str, str]  # measure, option
Answers = tuple[Mask, Mask]  # of one wave: the base, and who of it chose
Links = Sequence[str | None]  # what names each respondent of a wave


@dataclass(frozen=True)
class Overlap:
    """Who is in both bases, by what they chose; without tables where that is not known or not shown."""

    is_known: bool
    tables: Mapping[Key, Linked] = field(default_factory=dict)

    @property
    def is_withheld(self) -> bool:
        """Whether there is something to know that is not shown."""
        return self.is_known and not self.tables


def overlap_of(
    links: tuple[Links, Links], answers: Mapping[Key, tuple[Answers, Answers]], rules: Rules
) -> Overlap:
    """All options' tables or none: what one option's row withheld, the others' would tell.

    Points, interval, count and exact p-value of a row give its whole fourfold table away.
    """
    places = _places(*links)
    if places is None:
        return Overlap(is_known=False)
    tables = {}
    for key, waves in answers.items():
        linked, rests = _table(places, *waves)
        if linked.count and not _is_safe(linked, rests, rules):
            return Overlap(is_known=True)
        tables[key] = linked
    return Overlap(is_known=True, tables=tables)


def _places(earlier: Links, later: Links) -> np.ndarray | None:
    """Where in the one and in the other wave each common respondent stands; None without links."""
    place = {link: n for n, link in enumerate(earlier) if link is not None}
    if not place or all(link is None for link in later):
        return None
    found = [(place[link], n) for n, link in enumerate(later) if link in place]
    return np.array(found, dtype=np.int64).reshape(-1, 2).T


def _table(places: np.ndarray, earlier: Answers, later: Answers) -> tuple[Linked, list[tuple[int, int]]]:
    """Those in both bases by what they chose; of each wave's rest how many chose, of how many."""
    (base_1, chose_1), (base_2, chose_2) = earlier, later
    both = base_1[places[0]] & base_2[places[1]]
    first, second = chose_1[places[0]][both], chose_2[places[1]][both]
    linked = Linked(
        int(np.sum(first & second)),
        int(np.sum(first & ~second)),
        int(np.sum(~first & second)),
        int(np.sum(~first & ~second)),
    )
    rests = [
        (int(chose.sum() - common.sum()), int(base.sum()) - linked.count)
        for base, chose, common in ((base_1, chose_1, first), (base_2, chose_2, second))
    ]
    return linked, rests


def _is_safe(linked: Linked, rests: Sequence[tuple[int, int]], rules: Rules) -> bool:
    """Those who answered both waves are a segment, parted in four, and so are the rests of each wave."""
    cells = (linked.both, linked.only_earlier, linked.only_later, linked.neither)
    if linked.count < rules.min_base or min(cells) < rules.min_cell:
        return False
    return all(base >= rules.min_base and not rules.is_small(chosen, base) for chosen, base in rests if base)


def wave_counts(answers: Answers) -> Wave | None:
    """How many of the base chose; None without a base."""
    base, chose = answers
    return Wave(int(chose.sum()), int(base.sum())) if base.any() else None
