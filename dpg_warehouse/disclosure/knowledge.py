"""What a reader who knows the rules can write down of a published table, as an integer program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from dpg_warehouse.disclosure.programs import Program
from dpg_warehouse.disclosure.tables import (
    ALL_OTHER,
    NESTED_MEASURES,
    PLACES,
    CellStatus,
    Column,
    PublishedCell,
)

UNSHOWN = ""  # the row of the respondents whom no segment of a table shows
Key = tuple[str, Column]
_PROMISE = re.compile(r"at (most|least) (\d+) %")


def band_limits(share_band: str | None, base_count: int) -> tuple[int, int]:
    """The counts that a band's text leaves possible."""
    if share_band is None:
        return 0, base_count
    promise = _PROMISE.fullmatch(share_band)
    if promise is None:
        raise ValueError(f"{share_band!r} is no band: `at most N %` or `at least N %`")
    percent = int(promise[2])
    if promise[1] == "most":
        return 0, percent * base_count // 100
    return -(-percent * base_count // 100), base_count


def _limits(cell: PublishedCell) -> tuple[int, int]:
    if cell.cell_status == CellStatus.PUBLISHED and cell.chosen_count is not None:
        return cell.chosen_count, cell.chosen_count
    base = cell.base_count if cell.base_count is not None else 0
    return band_limits(cell.share_band, base)


def is_offered(cell: PublishedCell) -> bool:
    """Whether the row is of an option as it was offered, or of the one option that a scale's measure has."""
    return not cell.is_derived or cell.measure == "scale_top2"


@dataclass(frozen=True)
class KnownTotals:
    """What the table of all respondents says of a question; `base_count` is None where it says nothing."""

    base_count: int | None
    cells: Mapping[Column, PublishedCell]

    @classmethod
    def read(cls, rows: Iterable[PublishedCell]) -> KnownTotals:
        """Of the rows of all respondents; derived options but that of `scale_top2` are left out."""
        cells = {row.column: row for row in rows if is_offered(row)}
        bases = [row.base_count for row in cells.values() if row.base_count is not None]
        return cls(max(bases, default=None), cells)

    def of(self, parts: Iterable[Column]) -> tuple[int, int]:
        """The limits of the total of a column that unites `parts`: of first choices a sum, else a union."""
        base = self.base_count if self.base_count is not None else 0
        limits = [_limits(self.cells[part]) if part in self.cells else (0, base) for part in parts]
        lows, highs = [low for low, _ in limits], [high for _, high in limits]
        if all(part.measure == NESTED_MEASURES[0] for part in parts):
            return sum(lows), min(sum(highs), base)
        return max(lows), min(sum(highs), base)

    def are_the_same(self, narrow: Iterable[Column], wide: Iterable[Column]) -> bool:
        """Whether the counts of all prove that the same respondents chose each under both measures."""
        pairs = [(self.cells.get(n), self.cells.get(w)) for n, w in zip(narrow, wide, strict=True)]
        return all(n and w and _limits(n) == _limits(w) and n.chosen_count is not None for n, w in pairs)


@dataclass(frozen=True)
class Table:
    """The published rows of one question by one segment kind, and the respondents whom no row shows."""

    cells: Mapping[Key, PublishedCell]
    bases: Mapping[str, int]
    columns: tuple[Column, ...]
    totals: KnownTotals

    @classmethod
    def read(cls, rows: Iterable[PublishedCell], totals: KnownTotals) -> Table:
        """Of the rows of segments; a segment none of whose rows has a base is not shown."""
        cells = {(row.segment_value, row.column): row for row in rows}
        bases = {key[0]: row.base_count for key, row in cells.items() if row.base_count is not None}
        if bases and totals.base_count is not None and totals.base_count > sum(bases.values()):
            bases[UNSHOWN] = totals.base_count - sum(bases.values())
        return cls(cells, bases, tuple(sorted({column for _, column in cells})), totals)

    def parts(self, column: Column) -> list[Column]:
        """The offered options behind a column."""
        if column.option_id != ALL_OTHER or column in self.totals.cells:
            return [column]
        singly = {c.option_id for c in self.columns}
        return [
            c for c in sorted(self.totals.cells) if c.measure == column.measure and c.option_id not in singly
        ]

    def total(self, column: Column) -> tuple[int, int]:
        """The limits of a column's total."""
        return self.totals.of(self.parts(column))

    def of_measure(self, measure: str) -> list[Column]:
        """The columns of a measure."""
        return [column for column in self.columns if column.measure == measure]


def write_program(table: Table, everyone_chose: frozenset[str]) -> tuple[Program, dict[Key, int]]:
    """The program, and the variable of each count."""
    program = Program()
    variables: dict[Key, int] = {}
    for row, base in table.bases.items():
        for column in table.columns:
            cell = table.cells.get((row, column))
            limits = _limits(cell) if cell and cell.base_count is not None else (0, base)
            variables[row, column] = program.variable(*limits)
    for terms, low, high in (
        *_sums_to_totals(table, program, variables),
        *_options_of_one(table, variables, everyone_chose),
        *_nested_measures(table, variables),
    ):
        program.constrain(terms, low, high)
    return program, variables


Terms = tuple[dict[int, int], int, int]


def _sums_to_totals(table: Table, program: Program, variables: Mapping[Key, int]) -> Iterator[Terms]:
    """The segments and the unshown add up to all respondents."""
    if table.totals.base_count is None:
        return
    for column in table.columns:
        total = program.variable(*table.total(column))
        yield {variables[row, column]: 1 for row in table.bases} | {total: -1}, 0, 0


def _options_of_one(
    table: Table, variables: Mapping[Key, int], everyone_chose: frozenset[str]
) -> Iterator[Terms]:
    """A respondent has at most so many options; where the base is who chose something, at least one."""
    for measure in sorted({column.measure for column in table.columns}):
        columns = table.of_measure(measure)
        for row, base in table.bases.items():
            most = PLACES.get(measure, len(columns)) * base
            least = base if measure in everyone_chose else 0
            yield {variables[row, column]: 1 for column in columns}, least, most


def _nested_measures(table: Table, variables: Mapping[Key, int]) -> Iterator[Terms]:
    """Who chose first chose among three, and who chose among three chose at all."""
    shown = [m for m in NESTED_MEASURES if table.of_measure(m)]
    for narrow, wide in pairwise(shown):
        for column in table.of_measure(narrow):
            wider = Column(wide, column.option_id)
            if wider not in table.columns:
                continue
            twins = [Column(wide, part.option_id) for part in table.parts(column)]
            least = 0 if table.totals.are_the_same(table.parts(column), twins) else -max(table.bases.values())
            for row in table.bases:
                yield {variables[row, column]: 1, variables[row, wider]: -1}, least, 0
