"""The bands that a cell without figures may show, the narrower ones first."""

from __future__ import annotations

from dataclasses import dataclass

from dpg_warehouse.disclosure.tables import Rules


@dataclass(frozen=True)
class Band:
    """A promise about a share: between `low` and `high` percent; `loss` weighs what it leaves open."""

    text: str | None
    low: int
    high: int
    loss: int

    def counts(self, base: int) -> tuple[int, int]:
        """The counts of a base that keep the promise."""
        return -(-self.low * base // 100), self.high * base // 100


NO_BAND = Band(None, 0, 100, 10)
BANDS = (
    Band("at most 20 %", 0, 20, 2),
    Band("at least 80 %", 80, 100, 2),
    Band("at most 50 %", 0, 50, 5),
    Band("at least 50 %", 50, 100, 5),
    NO_BAND,
)
NARROW_LOSS = BANDS[0].loss


def band_named(text: str | None) -> Band:
    """The band of a text once published; a text of other days promises nothing now."""
    return next((band for band in BANDS if band.text == text), NO_BAND)


def choose_band(values: tuple[int, int], value: int, base: int, rules: Rules, least_loss: int = 0) -> Band:
    """The narrowest band that leaves all of `values` possible; `value` is the true count.

    A narrow band tells a reader who knows the rules that a small count is likely, so that it is
    taken to tell him: it fits a small cell only if all `values` are small on the same side.
    """
    return next(band for band in BANDS if band.loss >= least_loss and _fits(band, values, value, base, rules))


def _fits(band: Band, values: tuple[int, int], value: int, base: int, rules: Rules) -> bool:
    low, high = band.counts(base)
    if band.loss == NARROW_LOSS and rules.is_small(value, base):
        if band.low == 0:
            high = min(high, rules.min_cell - 1)
        else:
            low = max(low, base - rules.min_cell + 1)
    return low <= values[0] and values[1] <= high
