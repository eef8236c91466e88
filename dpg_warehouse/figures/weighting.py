"""Weighted shares beside the published ones: a check of how much the unequal response could matter."""

from __future__ import annotations

from collections.abc import Sequence

from dpg_warehouse.disclosure import ALL, CellStatus, Release
from dpg_warehouse.estimation.margins import FrameLevel, Margin
from dpg_warehouse.estimation.weighted import Cell, WeightedShare, weighted_shares
from dpg_warehouse.estimation.weights import WaveWeights, rake
from dpg_warehouse.figures.answers import CellKey, Segment, WaveAnswers
from dpg_warehouse.figures.shares import SharesOfWave
from dpg_warehouse.figures.tables import Row

# Whole percents: exact weighted shares are sums over the segments, and with the margins known they
# would let cells of segments be computed.
DIGITS = 2


def add_weighted_shares(wave: WaveAnswers, shares: SharesOfWave) -> str | None:
    """Give the shares of all respondents their weighted ones; returns why there are none, if so."""
    segments = [s for s in wave.segments if s.values and s.invited.keys() == set(s.values)]
    if wave.frame is None or not segments:
        return None
    weights = rake(
        [_margin(segment) for segment in segments],
        {segment.kind: _values(segment) for segment in segments},
        wave.frame.eligible_count,
    )
    if not isinstance(weights, WaveWeights):
        return f"{weights.reason.value}: {weights.detail}"
    kinds = tuple(weights.groups)
    rows = [row for row in shares.rows if _may_be_weighted(row, kinds, shares)]
    cells = [Cell(wave.base_of(row["question_id"]), wave.choosers(_key(row))) for row in rows]
    for row, share in zip(rows, weighted_shares(weights, cells), strict=True):
        if share is not None:
            row.update(_rounded(share))
    return None


def _margin(segment: Segment) -> Margin:
    levels = tuple(FrameLevel(value, segment.invited[value].eligible_count) for value in segment.values)
    return Margin(segment.kind, levels, segment.is_ordinal)


def _values(segment: Segment) -> Sequence[str | None]:
    return [None if code < 0 else segment.values[code] for code in segment.codes]


def _may_be_weighted(row: Row, kinds: tuple[str, ...], shares: SharesOfWave) -> bool:
    """A published share of all respondents, unless its weighting could be solved for a withheld cell.

    With one margin alone everybody can compute the weights: a weighted share is then one equation
    more about the segments' cells.
    """
    if row["segment_kind"] != ALL or row["cell_status"] != CellStatus.PUBLISHED or not row["base_count"]:
        return False
    if len(kinds) > 1:
        return True
    release = shares.cells.get((row["question_id"], kinds[0]))
    return release is None or _shows_everything(release)


def _shows_everything(release: Release) -> bool:
    return all(cell.cell_status == CellStatus.PUBLISHED for cell in release.cells)


def _key(row: Row) -> CellKey:
    return CellKey(row["question_id"], row["measure"], row["option_id"])


def _rounded(share: WeightedShare) -> Row:
    return {
        "weighted_share": round(share.share, DIGITS),
        "weighted_ci_low": round(share.ci_low, DIGITS),
        "weighted_ci_high": round(share.ci_high, DIGITS),
        "n_eff": round(share.n_eff, 1),
    }
