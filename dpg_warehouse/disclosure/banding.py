"""Decides which cells show a band, or nothing, so that each keeps at least two feasible counts."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dpg_warehouse.disclosure.bands import Band, choose_band
from dpg_warehouse.disclosure.counting import REST, Grid
from dpg_warehouse.disclosure.slots import Lane, Network, Node, Slot, SlotKey
from dpg_warehouse.disclosure.tables import Rules

# Among equal losses a cell whose share is near 0 or 1, then the shorter cycle.
_LOSS_COST, _STEP_COST = 1000, 1
Step = tuple[Lane, int]  # along the lane (+1) or against it (-1)


class Unprotectable(Exception):  # noqa: N818 - an outcome that the caller expects, not a fault
    """A cell cannot be hidden from a reader who knows the rules."""


@dataclass(frozen=True)
class _Arc:
    end: Node
    cost: int
    step: Step


class Banding:
    """The bands of one grid while they are being chosen.

    `_open` holds, of each withheld slot, the counts that are known to be feasible: its true one and
    those that a cycle led to.
    """

    def __init__(self, grid: Grid, rules: Rules, least_losses: Mapping[SlotKey, int]) -> None:
        """Withhold the small cells and those that were withheld before, at least as wide as then."""
        self._rules = rules
        self._network = Network(grid)
        self._least_losses = least_losses
        self._open: dict[SlotKey, tuple[int, int]] = {
            key: (slot.value, slot.value)
            for key, slot in self._network.slots.items()
            if not slot.is_shown or key in least_losses or rules.is_small(slot.value, slot.base)
        }

    def protect(self) -> dict[SlotKey, Band]:
        """The band of each withheld cell; raise Unprotectable where no banding helps."""
        for slot in self._to_protect():
            for lane, direction in self._cheapest_cycle(slot):
                for moved in lane.slots:
                    self._leave_open(moved, moved.value + direction)
        slots = self._network.slots.values()
        return {slot.key: self._band(slot) for slot in slots if slot.is_shown and slot.key in self._open}

    def _to_protect(self) -> list[Slot]:
        """Withheld cells, and those of the rest where it is too small a group or the cell is small.

        The cells that are withheld for their sake lie on a cycle of theirs, so they are safe as well.
        """
        slots = self._network.slots
        withheld = [slots[key] for key in self._open if slots[key].is_shown]
        rest = [slot for (row, column), slot in slots.items() if row == REST and column.option_id]
        return withheld + [slot for slot in rest if self._is_unfit(slot)]

    def _is_unfit(self, slot: Slot) -> bool:
        return slot.base < self._rules.min_base or self._rules.is_small(slot.value, slot.base)

    def _band(self, slot: Slot, *further: int) -> Band:
        values = (*self._open.get(slot.key, (slot.value, slot.value)), *further)
        least = self._least_losses.get(slot.key, 0)
        return choose_band((min(values), max(values)), slot.value, slot.base, self._rules, least)

    def _leave_open(self, slot: Slot, value: int) -> None:
        low, high = self._open.get(slot.key, (slot.value, slot.value))
        self._open[slot.key] = (min(low, value), max(high, value))

    def _cost(self, lane: Lane, direction: int) -> int | None:
        """What a step costs in information, or None where the counts cannot go there."""
        if not (lane.may_rise if direction == 1 else lane.may_fall):
            return None
        return _STEP_COST + sum(self._loss(slot, direction) for slot in lane.slots if slot.is_shown)

    def _loss(self, slot: Slot, direction: int) -> int:
        """What it costs to leave one count more of a cell open; nothing where its band does already."""
        after = self._band(slot, slot.value + direction).loss * _LOSS_COST
        if slot.key in self._open:
            return after - self._band(slot).loss * _LOSS_COST
        return after + 100 * min(slot.value, slot.base - slot.value) // slot.base

    def _cheapest_cycle(self, slot: Slot) -> list[Step]:
        """The steps of the cycle through a slot that costs least; the first of several in their order."""
        arcs = self._arcs(without=slot)
        cycles: list[tuple[int, list[Step]]] = []
        for lane in (lane for lane in self._network.lanes if slot in lane.slots):
            for direction in (1, -1):
                cost = self._cost(lane, direction)
                start, end = (lane.head, lane.tail) if direction == 1 else (lane.tail, lane.head)
                path = _cheapest_path(arcs, start, end) if cost is not None else None
                if path and _moves_each_once(steps := [(lane, direction), *path[1]]):
                    cycles.append(((cost or 0) + path[0], steps))
        if not cycles:
            raise Unprotectable
        return min(cycles, key=lambda cycle: cycle[0])[1]

    def _arcs(self, without: Slot) -> dict[Node, list[_Arc]]:
        arcs: dict[Node, list[_Arc]] = defaultdict(list)
        for lane in (lane for lane in self._network.lanes if without not in lane.slots):
            for direction in (1, -1):
                cost = self._cost(lane, direction)
                start, end = (lane.tail, lane.head) if direction == 1 else (lane.head, lane.tail)
                if cost is not None and start != end:
                    arcs[start].append(_Arc(end, cost, (lane, direction)))
        return arcs


def _moves_each_once(steps: Iterable[Step]) -> bool:
    """Whether no count is moved twice, by lanes of its own and with others."""
    keys = [slot.key for lane, _ in steps for slot in lane.slots]
    return len(keys) == len(set(keys))


def _cheapest_path(arcs: Mapping[Node, list[_Arc]], start: Node, end: Node) -> tuple[int, list[Step]] | None:
    """Dijkstra's path; of equal ones the first in the order of the arcs."""
    reached: set[Node] = set()
    ways: dict[Node, tuple[Node, Step]] = {}
    costs = {start: 0}
    waiting: list[tuple[int, Node]] = [(0, start)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if node == end:
            return cost, _steps_to(end, start, ways)
        if node in reached:
            continue
        reached.add(node)
        for arc in arcs.get(node, ()):
            if cost + arc.cost < costs.get(arc.end, cost + arc.cost + 1):
                costs[arc.end] = cost + arc.cost
                ways[arc.end] = (node, arc.step)
                heapq.heappush(waiting, (cost + arc.cost, arc.end))
    return None


def _steps_to(end: Node, start: Node, ways: Mapping[Node, tuple[Node, Step]]) -> list[Step]:
    steps: list[Step] = []
    node = end
    while node != start:
        node, step = ways[node]
        steps.append(step)
    return steps
