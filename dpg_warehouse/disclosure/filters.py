"""Filter questions: how many a question was put to is a count of the one that it stands on."""

from __future__ import annotations

from collections.abc import Iterable

from dpg_warehouse.disclosure.merging import parts_of
from dpg_warehouse.disclosure.tables import CellStatus, PublishedCell


def tells_filter(
    values: Iterable[str], filter_rows: Iterable[PublishedCell], option_ids: frozenset[str]
) -> bool:
    """Whether bases by the segments `values` tell of `option_ids` what the filter's own table doesn't.

    `filter_rows` is that table, of the same segment kind. The bases add nothing to it only if it shows
    each of the options by itself everywhere, and no segment of its own is split up by `values`.
    """
    rows = tuple(filter_rows)
    shown = {row.option_id for row in rows} - {
        row.option_id for row in rows if row.cell_status != CellStatus.PUBLISHED
    }
    wholes = [parts_of(row.segment_value) for row in rows]
    splits = any(
        whole & parts_of(value) and not whole <= parts_of(value) for value in values for whole in wholes
    )
    return splits or not option_ids <= shown
