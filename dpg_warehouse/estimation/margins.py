"""The invited list's margins as raking wants them: no level with hardly anybody in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

UNKNOWN = "unknown"
# Below this a level's weight hangs on a handful of people.
MIN_LEVEL_COUNT = 5


@dataclass(frozen=True)
class FrameLevel:
    """How many of the invited have one value, for example 60 owners; ineligible ones left out."""

    value: str
    count: int


@dataclass(frozen=True)
class Margin:
    """One attribute of the invited list.

    `levels` stand in the order of their sort; of an ordinal attribute (team size) neighbours are
    collapsed, of a nominal one (region) the small levels together. A level `unknown` says of how
    many invited the value is not known.
    """

    segment_kind: str
    levels: tuple[FrameLevel, ...]
    is_ordinal: bool = False

    @property
    def known_levels(self) -> tuple[FrameLevel, ...]:
        """The levels that say something and that somebody has."""
        return tuple(level for level in self.levels if level.value != UNKNOWN and level.count > 0)


Groups = tuple[tuple[int, ...], ...]


def collapsed_groups(answered: Sequence[int], is_ordinal: bool, minimum: int = MIN_LEVEL_COUNT) -> Groups:
    """Levels, by their place, grouped so that each group has `minimum` respondents, if all have.

    `answered` is how many respondents each level has. The same counts always give the same groups.
    """
    if is_ordinal:
        return _with_neighbours_joined(answered, minimum)
    return _with_small_ones_joined(answered, minimum)


def _with_neighbours_joined(answered: Sequence[int], minimum: int) -> Groups:
    """Join the smallest group with the smaller of its neighbours until none is too small."""
    groups: list[tuple[int, ...]] = [(place,) for place in range(len(answered))]

    def size(place: int) -> int:
        return sum(answered[level] for level in groups[place])

    while len(groups) > 1:
        smallest = min(range(len(groups)), key=size)
        if size(smallest) >= minimum:
            break
        neighbours = [place for place in (smallest - 1, smallest + 1) if 0 <= place < len(groups)]
        first, second = sorted((smallest, min(neighbours, key=size)))
        groups[first : second + 1] = [groups[first] + groups[second]]
    return tuple(groups)


def _with_small_ones_joined(answered: Sequence[int], minimum: int) -> Groups:
    """Join all small levels to one; while that is too small itself, the next smallest joins them."""
    by_size = sorted(range(len(answered)), key=lambda place: (answered[place], place))
    small = [place for place in by_size if answered[place] < minimum]
    if not small:
        return tuple((place,) for place in range(len(answered)))
    for place in by_size[len(small) :]:
        if sum(answered[level] for level in small) >= minimum:
            break
        small.append(place)
    kept = [(place,) for place in range(len(answered)) if place not in small]
    return (*kept, tuple(sorted(small)))
