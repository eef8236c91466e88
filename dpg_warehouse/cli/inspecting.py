"""Commands that look: status and rejected."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from dpg_warehouse.cli.console import out, styled
from dpg_warehouse.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(rejected)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
) -> None:
    """Show sources, their last loads and verdicts, freshness, and the last publish.

    Example: dpgw status --json
    """
    from dpg_warehouse import pipeline

    overview = pipeline.overview(Settings.from_environment())
    if as_json:
        typer.echo(json.dumps(overview, default=str, indent=2))
        return
    loads = _table("source", "wave", "feed", "load", "as of", "status", "records", "new", "origin")
    for row in overview["loads"]:
        loads.add_row(
            row["source_id"],
            *_texts(row, "wave_id", "feed", "load_id", "as_of"),
            styled(row["status"]),
            *_texts(row, "received_count", "new_payload_count", "data_origin"),
        )
    out.print(loads)
    for row in overview["freshness"]:
        age = f"{row['latest_as_of']}, {row['age_days']} days old"
        out.print(f"{row['source_id']}: newest accepted pull {age}, {row['accepted_count']} accepted")
    for row in overview["builds"]:
        when = row["published_at"] or row["finished_at"] or row["started_at"]
        reason = f": {row['reason']}" if row["reason"] else ""
        out.print(f"build {row['build_id']}: {styled(row['status'])} {when:%Y-%m-%d %H:%M} UTC{reason}")
    if not overview["builds"]:
        out.print("Nothing has been built yet; run `dpgw build`.")


def rejected(
    load: Annotated[int | None, typer.Argument(metavar="[LOAD]", help="A load's number.")] = None,
) -> None:
    """Say why a load was rejected or is held; without a number, list those loads.

    Example: dpgw rejected 17
    """
    from dpg_warehouse import pipeline

    settings = Settings.from_environment()
    if load is None:
        refused = pipeline.refused_loads(settings)
        for row in refused:
            wave = f" wave {row['wave_id']}" if row["wave_id"] else ""
            when = f" of {row['as_of']}" if row["as_of"] else ""
            out.print(f"load {row['load_id']}: {row['source_id']}{wave}{when} {styled(row['status'])}")
            out.print(f"  {row['reason']}", markup=False, soft_wrap=True)
        if not refused:
            out.print("No load is rejected or held.")
        return
    why = pipeline.why_refused(settings, load)
    out.print(f"load {load} is {styled(why['status'])}")
    if why["reason"]:
        out.print(why["reason"], markup=False, soft_wrap=True)
    rules = _table("rule", "severity", "column", "failing", "of", "examples")
    for row in why["rules"]:
        rules.add_row(
            row["rule"],
            row["severity"],
            *_texts(row, "column_name", "unexpected_count", "evaluated_count"),
            "\n".join(row["example_keys"]),
        )
    if why["rules"]:
        out.print(rules)
    for row in why["faults"]:
        out.print(f"{row['kind']}: {row['fault_count']}, e.g. {', '.join(row['examples'])}", markup=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _texts(row: dict[str, Any], *names: str) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in names]
