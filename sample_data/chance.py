"""Chance that falls the same way everywhere.

Of `random.Random`, Python promises only that `random()` stays the same between versions: all else
(shuffle, choice, sample) is built from it here.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Chance:
    """A stream of chance with a name; the same name gives the same stream."""

    def __init__(self, name: str) -> None:
        """Seed with the name (Python's seeding from text does not depend on the hash seed)."""
        self._random = random.Random(name)  # noqa: S311 - made-up answers, no secrets

    def number(self, below: int) -> int:
        """A whole number from 0 to below - 1."""
        return int(self._random.random() * below)

    def shuffled(self, items: Sequence[Item], lean: Mapping[Item, float] | None = None) -> list[Item]:
        """The items in a random order; a positive `lean` moves an item towards the front."""
        keys = [(self._random.random() - (lean or {}).get(item, 0.0), n) for n, item in enumerate(items)]
        return [items[n] for _, n in sorted(keys)]

    def pick(self, weights: Mapping[str, float]) -> str:
        """One of the names, as likely as its weight."""
        point = self._random.random() * sum(weights.values())
        for name, weight in weights.items():
            point -= weight
            if point < 0:
                return name
        return next(reversed(list(weights)))
