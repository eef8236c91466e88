"""Commands that build the marts: build, and run, which ingests first."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from dpg_warehouse.cli.console import EXIT_REFUSED, out, progress_bar, say_error, styled
from dpg_warehouse.cli.loading import credentials, exit_code, parse_date, say_outcome
from dpg_warehouse.configuration import read_sources
from dpg_warehouse.records import UsageError
from dpg_warehouse.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(build)
    app.command()(run)


def build(
    as_of: Annotated[
        str | None,
        typer.Option(help="From pulls up to this date, YYYY-MM-DD, beside the marts; nothing is published."),
    ] = None,
) -> None:
    """Build the marts with dbt, check them, and publish them in one transaction.

    With --as-of: what today's code and files make of the pulls dated up to that date, in schemas of its
    own that analysts may read; the same date again takes their place.

    Exit code 0: published, or built as of a date; 3: a check kept it from that; 1: failure.

    Example: dpgw build --as-of 2024-04-15
    """
    settings = Settings.from_environment()
    day = parse_date(as_of, "--as-of")
    raise typer.Exit(_build(settings) if day is None else _build_as_of(settings, day))


def run(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="All where none is named.")
    ] = None,
) -> None:
    """Ingest the sources, then build and publish.

    Example: dpgw run dpg_owners_survey
    """
    from dpg_warehouse import pipeline

    settings = Settings.from_environment()
    known = read_sources(settings.source_roots)
    unknown = [name for name in sources or () if name not in known]
    if unknown:
        raise UsageError(f"There is no source {unknown[0]!r}; known are: {', '.join(sorted(known))}.")
    chosen = [known[name] for name in sources or sorted(known)]
    requests = [(source, request) for source in chosen for request in pipeline.plan(source)]
    with progress_bar("ingest") as move:
        outcomes = pipeline.ingest_all(settings, requests, credentials, move)
    for outcome in outcomes:
        say_outcome(outcome)
    raise typer.Exit(_build(settings) or exit_code(outcomes))


def _build(settings: Settings) -> int:
    from dpg_warehouse import pipeline

    with progress_bar("build") as move:
        outcome = pipeline.build(settings, move)
    out.print(f"build {outcome.build_id}: {styled(outcome.status)} in {outcome.duration_s:.1f} s")
    if outcome.status != "published":
        say_error(f"{outcome.reason} What BI tools see is unchanged.")
        return EXIT_REFUSED
    rows = sum(outcome.row_counts.values())
    out.print(f"{len(outcome.row_counts)} marts, {rows} rows, publish_id {outcome.build_id}.")
    for note in outcome.notes:
        out.print(note, style="yellow", soft_wrap=True)
    return 0


def _build_as_of(settings: Settings, day: date) -> int:
    from dpg_warehouse import pipeline

    if day > pipeline.today():
        raise UsageError(f"--as-of {day} is after today; the warehouse knows nothing of it yet.")
    with progress_bar(f"build as of {day}") as move:
        outcome = pipeline.build(settings, move, as_of=day)
    if outcome.status == "refused":
        say_error(f"{outcome.reason} What BI tools see is unchanged.")
        return EXIT_REFUSED
    out.print(f"build {outcome.build_id}: as of {day} in {outcome.duration_s:.1f} s; nothing is published.")
    schema = pipeline.as_of_schema(day)
    out.print(f'psql "$(dpgw url --role analyst)" -c "table {schema}.dim_wave"', soft_wrap=True, markup=False)
    return 0
