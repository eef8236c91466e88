"""The counts of a grid as slots, and the lanes along which they may change without a public sum changing.

A lane joins two nodes of a network. Under `first_choice`, where a respondent has one option, these
are its row and its column, since both sums are public; elsewhere its column and the ground, which
is open. A step along a lane adds one to its counts, a step against it takes one away; a cycle
leaves every public sum as it is (Gusfield, A graph theoretic approach to statistical data security,
SIAM Journal on Computing 17, 1988). Counts of nested measures may have to move together: such lanes
have several slots, and column nodes of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dpg_warehouse.disclosure.counting import REST, Grid
from dpg_warehouse.disclosure.tables import NESTED_MEASURES, PLACES, Column

Node = tuple[str, ...]
GROUND: Node = ()
SlotKey = tuple[str, Column]  # a row of the grid and a column
_FIRST = NESTED_MEASURES[0]
_NOBODY = Column(_FIRST, "")  # the column of those who chose nothing
_TOTAL = "="  # the row of a united column's total, which no row publishes


@dataclass(frozen=True)
class Slot:
    """One count that a reader may not know: a cell, or the same cell under several measures.

    `is_shown`: a table would show it.
    """

    key: SlotKey
    value: int
    base: int
    is_shown: bool


@dataclass(frozen=True)
class Lane:
    """Slots that move together by one; whether they may, as long as nothing else moves at their ends."""

    slots: tuple[Slot, ...]
    tail: Node
    head: Node
    may_rise: bool
    may_fall: bool


class Network:
    """The slots and lanes of one grid, each in an order of its own."""

    def __init__(self, grid: Grid) -> None:
        """Read the grid."""
        self._grid = grid
        lanes = [*self._cell_lanes(), *self._nobody_lanes()]
        self.lanes = tuple(sorted(lanes, key=lambda lane: [slot.key for slot in lane.slots]))
        slots = {slot.key: slot for lane in self.lanes for slot in lane.slots}
        self.slots = {key: slots[key] for key in sorted(slots)}

    @cached_property
    def _chains(self) -> list[tuple[Column, ...]]:
        """The runs of columns of one option, from narrow to wide, that may move together."""
        of_option: dict[str, list[Column]] = defaultdict(list)
        for column in sorted(self._grid.columns, key=_place):
            if column not in self._grid.same_as and not self._grid.is_plain(column):
                of_option[column.option_id].append(column)
        return [
            tuple(columns[start:end])
            for columns in of_option.values()
            for start in range(len(columns))
            for end in range(start + 1, len(columns) + 1)
        ]

    def _cell_lanes(self) -> Iterator[Lane]:
        grid = self._grid
        for chain in self._chains:
            node = (*(part for column in chain for part in column), "column")
            head = node if all(column in grid.totals for column in chain) else GROUND
            for row, base in grid.bases.items():
                slots = tuple(Slot((row, c), grid.counts[row, c], base, row != REST) for c in chain)
                tail = (_FIRST, "row", row) if chain[0].measure == _FIRST else GROUND
                yield Lane(slots, tail, head, self._may_rise(row, chain), self._may_fall(row, chain))
            if head and all(column in grid.united for column in chain):
                totals = tuple(
                    Slot((_TOTAL, c), grid.united[c], grid.base_count, is_shown=False) for c in chain
                )
                ranges = [(grid.united[c], *grid.totals[c]) for c in chain]
                may_rise = all(value < high for value, _, high in ranges)
                yield Lane(totals, head, GROUND, may_rise, all(low < value for value, low, _ in ranges))

    def _nobody_lanes(self) -> Iterator[Lane]:
        """Those of each row who made no first choice: a column that nobody publishes and all can compute."""
        grid = self._grid
        exclusive = [column for column in grid.columns if column.measure == _FIRST]
        if not exclusive or _FIRST in grid.everyone_chose:
            return
        head = (*_NOBODY, "column") if exclusive[0] in grid.totals else GROUND
        for row, base in grid.bases.items():
            value = base - sum(grid.counts[row, column] for column in exclusive)
            slot = Slot((row, _NOBODY), value, base, is_shown=False)
            yield Lane((slot,), (_FIRST, "row", row), head, value < base, value > 0)

    def _may_rise(self, row: str, chain: tuple[Column, ...]) -> bool:
        """Not above the base, a wider measure's count or the places that respondents have."""
        grid = self._grid
        most = grid.bases[row]
        wider = [grid.counts[row, c] for c in self._others(chain) if _place(c) > _place(chain[-1])]
        if grid.counts[row, chain[-1]] >= min([most, *wider]):
            return False
        measures = self._measures(chain) & (PLACES.keys() - {_FIRST})
        return all(self._named(row, measure) < PLACES[measure] * most for measure in measures)

    def _may_fall(self, row: str, chain: tuple[Column, ...]) -> bool:
        """Not below zero, a narrower measure's count or, where everyone chose, one option each."""
        grid = self._grid
        narrower = [grid.counts[row, c] for c in self._others(chain) if _place(c) < _place(chain[0])]
        if grid.counts[row, chain[0]] <= max([0, *narrower]):
            return False
        measures = self._measures(chain) & (grid.everyone_chose - {_FIRST})
        return all(self._named(row, measure) > grid.bases[row] for measure in measures)

    def _others(self, chain: tuple[Column, ...]) -> list[Column]:
        """The columns of the chain's option that don't move with it."""
        same_as = self._grid.same_as
        columns = (c for c in self._grid.columns if c.option_id == chain[0].option_id)
        return [column for column in columns if same_as.get(column, column) not in chain]

    def _measures(self, chain: tuple[Column, ...]) -> set[str]:
        twins = {twin for twin, column in self._grid.same_as.items() if column in chain}
        return {column.measure for column in {*chain, *twins}}

    def _named(self, row: str, measure: str) -> int:
        return sum(
            self._grid.counts[row, column] for column in self._grid.columns if column.measure == measure
        )


def _place(column: Column) -> int:
    return NESTED_MEASURES.index(column.measure) if column.measure in NESTED_MEASURES else 0
