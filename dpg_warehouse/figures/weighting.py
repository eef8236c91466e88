"""Weighted shares beside the published ones: a check of how much the unequal response could matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dpg_warehouse.disclosure import ALL, CellStatus, Column, Release
from dpg_warehouse.estimation.margins import FrameLevel, Margin
from dpg_warehouse.estimation.weighted import Cell, WeightedShare, weighted_shares
from dpg_warehouse.estimation.weights import WaveWeights, rake
from dpg_warehouse.figures.answers import CellKey, Segment, WaveAnswers
from dpg_warehouse.figures.shares import SharesOfWave
from dpg_warehouse.figures.tables import Row

# Whole percents: exact weighted shares are sums over the segments, and with the margins known they
# would let cells of segments be computed.
DIGITS = 2


def add_weighted_shares(wave: WaveAnswers, shares: SharesOfWave) -> str:
    """Give the shares of all respondents their weighted ones.

    Returns in words what they are weighted to and what could not be a margin, or why there are none.
    """
    listed = [s for s in wave.segments if s.invited and _shows_its_sizes(s, shares)]
    left_out = {s.kind: f"no row of frame.csv for {', '.join(_unlisted(s))}" for s in listed if _unlisted(s)}
    segments = [segment for segment in listed if segment.kind not in left_out]
    if wave.frame is None or not segments:
        return "No weights: no margin of the invited list is known" + _without(left_out)
    weights = rake(
        [_margin(segment) for segment in segments],
        {segment.kind: _values(segment) for segment in segments},
        wave.frame.eligible_count,
    )
    if not isinstance(weights, WaveWeights):
        reason = weights.reason.value.replace("_", " ")
        return f"No weights: {reason} ({weights.detail})" + _without(left_out)
    kinds = tuple(weights.groups)
    rows = [row for row in shares.rows if _may_be_weighted(row, kinds, shares)]
    cells = [Cell(wave.base_of(row["question_id"]), wave.choosers(_key(row))) for row in rows]
    for row, share in zip(rows, weighted_shares(weights, cells), strict=True):
        if share is not None:
            row.update(_rounded(share))
    margins = "; ".join(f"{kind} ({', '.join(groups)})" for kind, groups in weights.groups.items())
    return f"Weighted to {margins}" + _without({**left_out, **weights.left_out})


def _shows_its_sizes(segment: Segment, shares: SharesOfWave) -> bool:
    """Whether it is shown how many are in each segment: the weights, and what is said of them, tell it."""
    release = shares.cells.get((segment.question_id, ALL))
    return release is None or all(cell.cell_status == CellStatus.PUBLISHED for cell in release.cells)


def _unlisted(segment: Segment) -> list[str]:
    return [value for value in segment.values if value not in segment.invited]


def _without(left_out: Mapping[str, str]) -> str:
    reasons = "; ".join(f"{kind} ({why})" for kind, why in left_out.items())
    return f". Left out: {reasons}." if reasons else "."


def _margin(segment: Segment) -> Margin:
    levels = tuple(FrameLevel(value, segment.invited[value].eligible_count) for value in segment.values)
    return Margin(segment.kind, levels, segment.is_ordinal)


def _values(segment: Segment) -> Sequence[str | None]:
    return [None if code < 0 else segment.values[code] for code in segment.codes]


def _may_be_weighted(row: Row, kinds: tuple[str, ...], shares: SharesOfWave) -> bool:
    """A published share of all respondents whose option every table of a raked kind shows, like all others.

    A weighted share is one equation more about the cells of those tables, and who has the invited list
    can come close to the weights. What united options hide is hidden too.
    """
    if row["segment_kind"] != ALL or row["cell_status"] != CellStatus.PUBLISHED or not row["base_count"]:
        return False
    column = Column(row["measure"], row["option_id"])
    releases = [shares.cells.get((row["question_id"], kind)) for kind in kinds]
    return all(
        release is not None
        and _shows_everything(release)
        and column in {cell.column for cell in release.cells}
        for release in releases
    )


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
