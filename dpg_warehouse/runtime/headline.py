"""The headline trend as a table for the terminal: what owners put first, wave after wave."""

from __future__ import annotations

from rich.table import Table
from sqlalchemy import Connection, text

from dpg_warehouse.records import WarehouseError

_HEADLINE = text(
    """
    select
        wave_label,
        challenge_label,
        share_text,
        base_count,
        data_origin
    from marts.trend_financing
    where measure = 'first_choice'
        and segment_kind = 'all'
        and challenge_id is not null
        and not is_derived
    order by question_sort, option_sort, wave_number
    """
)


def headline_table(connection: Connection) -> Table:
    """What owners name first of their challenges that concern money, by wave, with base and origin."""
    rows = connection.execute(_HEADLINE).all()
    if not rows:
        raise WarehouseError("The mart trend_financing is empty; `dpgw status` tells what was loaded.")
    origins = sorted({row.data_origin for row in rows})
    table = Table(
        title="Named first among the challenges to scaling (marts.trend_financing)",
        caption=f"Share with its 95 % interval, of those who answered. Answers: {', '.join(origins)}.",
    )
    table.add_column("challenge")
    table.add_column("wave")
    table.add_column("share", justify="right")
    table.add_column("base", justify="right")
    table.add_column("data_origin")
    for row in rows:
        table.add_row(
            row.challenge_label, row.wave_label, row.share_text, str(row.base_count), row.data_origin
        )
    return table
