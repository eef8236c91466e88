"""Decides what of one question is shown: for all respondents, and by one segment kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from dpg_warehouse.disclosure.auditing import Finding, audit
from dpg_warehouse.disclosure.banding import Banding, Unprotectable
from dpg_warehouse.disclosure.bands import Band, band_named
from dpg_warehouse.disclosure.collapsing import kept_options
from dpg_warehouse.disclosure.counting import REST, Grid, count_all, count_segments
from dpg_warehouse.disclosure.merging import Groups, merge_segments, merged_value
from dpg_warehouse.disclosure.patterns import Pattern, Withheld
from dpg_warehouse.disclosure.slots import SlotKey
from dpg_warehouse.disclosure.tables import (
    ALL,
    CellStatus,
    Column,
    PublishedCell,
    QuestionAnswers,
    Rules,
    Segmentation,
)

Audit = Callable[[Iterable[PublishedCell], Rules, frozenset[tuple[str, str]]], tuple[Finding, ...]]
Bands = Mapping[SlotKey, Band]


@dataclass(frozen=True)
class Release:
    """The cells to publish, and the pattern that the wave's later releases keep.

    `pattern.groups` are the parts of each segment; its value is the parts joined by `_or_`.
    """

    cells: tuple[PublishedCell, ...]
    pattern: Pattern

    @property
    def open_columns(self) -> tuple[Column, ...]:
        """The columns without a withheld cell: whatever is computed of these tells nothing more.

        A p-value of the whole table would: it fits one set of hidden counts, and hardly another.
        """
        hidden = {cell.column for cell in self.cells if cell.cell_status != CellStatus.PUBLISHED}
        return tuple(sorted({cell.column for cell in self.cells} - hidden))


def release_all(
    answers: QuestionAnswers, rules: Rules, previous: Pattern | None = None, audited_by: Audit = audit
) -> Release:
    """The table of all respondents: every count, or none below the base.

    A sensitive one has its small cells banded, and none at all where the attacker undoes that.
    """
    before = previous or Pattern(answers.question_id, ALL)
    grid = count_all(answers, ALL)
    nothing = _too_few(answers.question_id, ALL, [ALL], answers.columns)
    if answers.base_count < rules.min_base or before.is_too_few:
        return nothing
    if not (answers.is_sensitive or before.withheld):
        return _release(grid, before, ((ALL,),), (), {})
    try:
        bands = _bands(grid, rules, before, {ALL: (ALL,)})
    except Unprotectable:
        return nothing
    release = _release(grid, before, ((ALL,),), (), bands)
    return nothing if audited_by(release.cells, rules, _everyone(answers)) else release


def release_segments(
    answers: QuestionAnswers,
    segmentation: Segmentation,
    rules: Rules,
    previous: Pattern | None = None,
    audited_by: Audit = audit,
) -> Release:
    """The table of one segment kind. It shows nothing where fewer than two groups reach the base.

    Nor of a sensitive question, and of one that is a segment kind itself. The attacker has the last
    word: a table that he can undo is not shown at all.
    """
    kind = segmentation.segment_kind
    before = previous or Pattern(answers.question_id, kind)
    kept = kept_options(answers, before.kept_options)
    everybody = segmentation.with_unknown()
    groups = _groups(answers, everybody, rules, before)
    grid = count_segments(answers, everybody, groups, kept)
    nothing = _too_few(answers.question_id, kind, segmentation.values, grid.columns)
    if answers.is_sensitive or answers.is_attribute or before.is_too_few or not groups:
        return nothing
    try:
        bands = _bands(grid, rules, before, {merged_value(group): group for group in groups})
    except Unprotectable:
        return nothing
    release = _release(grid, before, groups, kept, bands)
    shown = (*release_all(answers, rules).cells, *release.cells)
    return nothing if audited_by(shown, rules, _everyone(answers)) else release


def _everyone(answers: QuestionAnswers) -> frozenset[tuple[str, str]]:
    return frozenset((answers.question_id, measure) for measure in answers.everyone_chose)


def _groups(answers: QuestionAnswers, segmentation: Segmentation, rules: Rules, before: Pattern) -> Groups:
    """The merged segments, or none where the table would have fewer than two groups."""
    bases = {
        value: int(np.count_nonzero(answers.base & (segmentation.codes == code)))
        for code, value in enumerate(segmentation.values)
    }
    if segmentation.rest_is_group:
        shown: Groups = tuple((v,) for v in segmentation.values if bases[v] >= rules.min_base)
        rest = answers.base_count - sum(bases[value] for (value,) in shown)
        return shown if rest >= rules.min_base else ()
    groups = merge_segments(
        segmentation.values, bases, rules.min_base, segmentation.is_ordinal, before.groups
    )
    return groups if len(groups) > 1 else ()


def _bands(grid: Grid, rules: Rules, before: Pattern, parts: Mapping[str, tuple[str, ...]]) -> Bands:
    """The band of every withheld cell, under each measure that has the same respondents."""
    slot_of = {column: grid.same_as.get(column, column) for column in grid.columns}
    least: dict[SlotKey, int] = {}
    for column, slot_column in slot_of.items():
        for row, values in parts.items():
            was_withheld, band = before.band_before(column, values)
            if was_withheld:
                key = (row, slot_column)
                least[key] = max(least.get(key, 0), band_named(band).loss)
    found = Banding(grid, rules, least).protect()
    return {
        (row, column): found[row, slot_column]
        for column, slot_column in slot_of.items()
        for row in parts
        if (row, slot_column) in found
    }


def _release(grid: Grid, before: Pattern, groups: Groups, kept: tuple[str, ...], bands: Bands) -> Release:
    parts = {merged_value(group): group for group in groups}
    cells = tuple(
        _cell(grid, before.segment_kind, row, column, bands.get((row, column)))
        for row in grid.bases
        if row != REST
        for column in grid.columns
    )
    withheld = [
        Withheld(column, parts[row], band.text)
        for (row, column), band in sorted(bands.items(), key=lambda item: item[0])
    ]
    pattern = Pattern(grid.question_id, before.segment_kind, False, groups, kept, before.with_later(withheld))
    return Release(cells, pattern)


def _cell(grid: Grid, kind: str, row: str, column: Column, band: Band | None) -> PublishedCell:
    """A cell with its count, with its band, or with neither where its column says nothing of segments."""
    status, count = CellStatus.PUBLISHED, grid.counts[row, column]
    if band is not None:
        status = CellStatus.BANDED
    elif kind != ALL and grid.is_plain(column):
        status = CellStatus.TOO_FEW
    return PublishedCell(
        grid.question_id,
        kind,
        row,
        column.measure,
        column.option_id,
        status.value,
        grid.bases[row] if status != CellStatus.TOO_FEW else None,
        count if status == CellStatus.PUBLISHED else None,
        band.text if band else None,
    )


def _too_few(question_id: str, kind: str, values: Iterable[str], columns: Iterable[Column]) -> Release:
    cells = tuple(
        PublishedCell(question_id, kind, value, *column, CellStatus.TOO_FEW.value)
        for value in values
        for column in columns
    )
    return Release(cells, Pattern(question_id, kind, is_too_few=True))
