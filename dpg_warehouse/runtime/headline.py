"""The headline trend as a table for the terminal: what owners put first, wave after wave."""

from __future__ import annotations

from rich.table import Table
from sqlalchemy import Connection, text

from dpg_warehouse.records import WarehouseError

_HEADLINE = text(
    """
    select
        wave_label,
        question_label,
        option_label,
        share_text,
        base_count,
        data_origin
    from marts.trend_financing
    where measure = 'first_choice'
        and segment_kind = 'all'
    order by question_sort, option_sort, wave_number
    """
)


def headline_table(connection: Connection) -> Table:
    """Financing as the first priority, by wave, with base and origin."""
    rows = connection.execute(_HEADLINE).all()
    if not rows:
        raise WarehouseError("The mart trend_financing is empty; `dpgw status` tells what was loaded.")
    origins = sorted({row.data_origin for row in rows})
    table = Table(
        title="Financing as the first priority of owners of digital public goods",
        caption=f"Share of complete answers, exact 95 % interval in brackets; data: {', '.join(origins)}.",
    )
    for name, justify in (("wave", "left"), ("challenge", "left"), ("share", "right"), ("base", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    table.add_column("data_origin")
    for row in rows:
        table.add_row(row.wave_label, row.option_label, row.share_text, str(row.base_count), row.data_origin)
    return table
