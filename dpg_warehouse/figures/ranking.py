"""Which ranks each option may have, and whether segments answer differently at all."""

from __future__ import annotations

import numpy as np

from dpg_warehouse.disclosure import ALL, CellStatus, QuestionAnswers, Release
from dpg_warehouse.disclosure.collapsing import collapse_options
from dpg_warehouse.disclosure.tables import UNKNOWN
from dpg_warehouse.estimation.ranks import RankLimits, rank_limits
from dpg_warehouse.estimation.segments import SegmentTest, multiple_choice_test, single_choice_test
from dpg_warehouse.figures.answers import Segment, WaveAnswers
from dpg_warehouse.figures.shares import SharesOfWave, questions_of


def add_ranks(wave: WaveAnswers, shares: SharesOfWave) -> None:
    """Give every published option of a question the ranks that the answers allow."""
    limits: dict[tuple[str, ...], RankLimits] = {}
    for question in questions_of(wave):
        release = shares.cells[question.question_id, ALL]
        if not _shows_everything(release):
            continue
        for measure in question.measures:
            columns = [column for column in question.columns if column.measure == measure]
            if len(columns) > 1:
                choices = np.column_stack([question.chosen[column][question.base] for column in columns])
                for column, ranks in zip(columns, rank_limits(choices), strict=True):
                    limits[question.question_id, *column] = ranks
    for row in shares.rows:
        found = limits.get((row["question_id"], row["measure"], row["option_id"]))
        if found is not None and row["segment_kind"] == ALL:
            row.update(rank_low=found.rank_low, rank_high=found.rank_high)


def add_segment_tests(wave: WaveAnswers, shares: SharesOfWave) -> None:
    """Give each table of segments its one p-value, where it withholds nothing.

    An exact p-value is a fingerprint of the whole table: beside withheld cells it would tell them.
    """
    segments = {segment.kind: segment for segment in wave.segments}
    p_values: dict[tuple[str, ...], float | None] = {}
    for question in questions_of(wave):
        for kind, segment in segments.items():
            release = shares.cells.get((question.question_id, kind))
            if release is None or not release.cells or not _shows_everything(release):
                continue
            for measure in question.measures:
                test = _test(question, measure, segment, release)
                if test is not None:
                    p_values[question.question_id, measure, kind] = test.p_value
    for row in shares.rows:
        p_value = p_values.get((row["question_id"], row["measure"], row["segment_kind"]))
        if p_value is not None:
            row["segment_p_value"] = round(p_value, 4)


def _test(question: QuestionAnswers, measure: str, segment: Segment, release: Release) -> SegmentTest | None:
    """The test of what the table shows: its options and its segments, but for who is of an unknown one."""
    groups = [group for group in release.pattern.groups if UNKNOWN not in group]
    group_of = {part: place for place, group in enumerate(groups) for part in group}
    values = [*segment.values, UNKNOWN]  # code -1 is the last
    codes = np.array([group_of.get(values[code], -1) for code in segment.codes], dtype=np.int64)
    known = question.base & (codes >= 0)
    shown = collapse_options(question, release.pattern.kept_options)
    columns = [column for column in shown.columns if column.measure == measure]
    choices = np.column_stack([shown.chosen[column][known] for column in columns])
    if choices.sum(axis=1).max(initial=0) > 1:
        return multiple_choice_test(codes[known], choices)
    none = ~choices.any(axis=1, keepdims=True)
    full = np.hstack([choices, none])
    table = np.array(
        [full[codes[known] == place].sum(axis=0) for place in range(len(groups))],
        dtype=np.int64,
    )
    return single_choice_test(table)


def _shows_everything(release: Release) -> bool:
    return all(cell.cell_status == CellStatus.PUBLISHED for cell in release.cells)
