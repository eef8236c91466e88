"""Merges segments whose base is too small to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Groups = tuple[tuple[str, ...], ...]


_BETWEEN = "_or_"


def merged_value(parts: Sequence[str]) -> str:
    """The segment_value of a merged segment."""
    return _BETWEEN.join(parts)


def parts_of(segment_value: str) -> frozenset[str]:
    """What a merged segment is made of, as far as its name tells."""
    return frozenset(segment_value.split(_BETWEEN))


def merge_segments(
    values: Sequence[str],
    bases: Mapping[str, int],
    min_base: int,
    is_ordinal: bool,
    previous: Groups = (),
) -> Groups:
    """The segments, each with at least `min_base`, or none at all where all together have too few.

    `values` are in the order of their sort. An ordinal segment is merged with a neighbour, nominal
    ones together into one. Values that nobody has are left out. What was merged in `previous` stays
    so.
    """
    present = [value for value in values if bases.get(value, 0) > 0]
    if sum(bases[value] for value in present) < min_base:
        return ()
    groups = _merge_as_before(present, previous)
    merge = _merge_neighbours if is_ordinal else _merge_smallest
    merged = merge(groups, bases, min_base)
    order = {value: place for place, value in enumerate(values)}
    return tuple(tuple(sorted(group, key=order.__getitem__)) for group in merged)


def _merge_as_before(present: Sequence[str], previous: Groups) -> list[list[str]]:
    known = {value: number for number, group in enumerate(previous) for value in group}
    groups: dict[object, list[str]] = {}
    for value in present:
        groups.setdefault(known.get(value, value), []).append(value)
    return list(groups.values())


def _size(group: Sequence[str], bases: Mapping[str, int]) -> int:
    return sum(bases[value] for value in group)


def _merge_neighbours(groups: list[list[str]], bases: Mapping[str, int], min_base: int) -> list[list[str]]:
    """The smallest group joins its smaller neighbour, until none is too small."""
    while len(groups) > 1:
        sizes = [_size(group, bases) for group in groups]
        place = sizes.index(min(sizes))
        if sizes[place] >= min_base:
            break
        neighbours = [n for n in (place - 1, place + 1) if 0 <= n < len(groups)]
        other = min(neighbours, key=lambda n: sizes[n])
        first, second = sorted((place, other))
        groups = [*groups[:first], groups[first] + groups[second], *groups[second + 1 :]]
    return groups


def _merge_smallest(groups: list[list[str]], bases: Mapping[str, int], min_base: int) -> list[list[str]]:
    """The groups that are too small become one, with the next smallest ones while it is too small."""
    by_size = sorted(groups, key=lambda group: (_size(group, bases), group))
    if _size(by_size[0], bases) >= min_base:
        return groups
    small = [group for group in by_size if _size(group, bases) < min_base]
    waiting = by_size[len(small) :]
    while sum(_size(group, bases) for group in small) < min_base:
        small.append(waiting.pop(0))
    united = [value for group in small for value in group]
    return [*(group for group in groups if group in waiting), united]
