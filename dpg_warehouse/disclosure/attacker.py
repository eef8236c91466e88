"""The attacker: what do the published cells of a wave, and the rules, tell of those that are withheld?

He reads nothing else. He shares no code with what decides, so that he can judge the marts
themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dpg_warehouse.disclosure.knowledge import KnownTotals, Table, is_offered, write_program
from dpg_warehouse.disclosure.tables import ALL, CellStatus, Column, PublishedCell


@dataclass(frozen=True)
class AttackedCell:
    """What the attacker makes of one withheld count: it lies from `low` to `high`, both feasible.

    `segment_value` is empty for those of all respondents whom no segment of the table shows.
    `is_told_by_all`: the table of all respondents alone fixes it, for nobody or everybody chose it.
    """

    question_id: str
    segment_kind: str
    segment_value: str
    column: Column
    base_count: int
    low: int
    high: int
    is_told_by_all: bool

    @property
    def is_recovered(self) -> bool:
        """Whether the segments' table gives the count away."""
        return self.low == self.high and not self.is_told_by_all


def attack(
    cells: Iterable[PublishedCell],
    everyone_chose: frozenset[tuple[str, str]] = frozenset(),
    is_exact: bool = True,
) -> tuple[AttackedCell, ...]:
    """The feasible range of every withheld count of one wave.

    `cells` are the rows of all respondents and of their segments, derived options marked.
    `everyone_chose` names (question_id, measure) where the base is, by definition, those who chose
    something. Raises Contradiction where the cells cannot all be true. Without `is_exact` a range may
    be narrower than it is, but is a single number only if it is one.
    """
    tables: dict[tuple[str, str], list[PublishedCell]] = defaultdict(list)
    for cell in cells:
        tables[cell.question_id, cell.segment_kind].append(cell)
    attacked: list[AttackedCell] = []
    for (question_id, kind), rows in sorted(tables.items()):
        measures = frozenset(measure for question, measure in everyone_chose if question == question_id)
        totals = KnownTotals.read(tables.get((question_id, ALL), ()) if kind != ALL else ())
        attacked += _attack_table(question_id, kind, rows, totals, measures, is_exact)
    return tuple(attacked)


def _attack_table(
    question_id: str,
    kind: str,
    rows: Sequence[PublishedCell],
    totals: KnownTotals,
    everyone_chose: frozenset[str],
    is_exact: bool,
) -> list[AttackedCell]:
    table = Table.read([row for row in rows if is_offered(row)], totals)
    if not table.bases:  # nothing of it is shown
        return []
    program, variables = write_program(table, everyone_chose)
    withheld = [key for key in sorted(variables) if _is_withheld(table.cells.get(key))]
    ranges = program.ranges([variables[key] for key in withheld], is_exact) if withheld else {}
    return [
        AttackedCell(
            question_id,
            kind,
            row,
            column,
            table.bases[row],
            *ranges[variables[row, column]],
            is_told_by_all=_is_told(table, column),
        )
        for row, column in withheld
    ]


def _is_withheld(cell: PublishedCell | None) -> bool:
    return cell is None or cell.cell_status != CellStatus.PUBLISHED


def _is_told(table: Table, column: Column) -> bool:
    if table.totals.base_count is None:
        return False
    low, high = table.total(column)
    return high == 0 or low == table.totals.base_count
