"""Commands that pull: ingest, backfill, and a person's decisions on loads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dpg_warehouse.cli.console import (
    EXIT_FAILURE,
    EXIT_REFUSED,
    EXIT_USAGE,
    err,
    out,
    progress_bar,
    say_error,
    styled,
)
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.credentials import connection_id, credentials_from_environment
from dpg_warehouse.records import Credentials, Load, LoadStatus, PullOutcome, UsageError
from dpg_warehouse.settings import Settings

SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="A folder's name in sources/.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(ingest)
    app.command()(backfill)
    app.command()(withdraw)
    app.command()(revalidate)


def ingest(
    source: SourceId,
    wave: Annotated[str | None, typer.Option(help="One wave of a survey; else all.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The date of the pull, YYYY-MM-DD (UTC).")] = None,
    location: Annotated[str | None, typer.Option("--from", help="A file, folder or URL of your own.")] = None,
    force: Annotated[bool, typer.Option(help="Supersede another accepted load of the date.")] = False,
) -> None:
    """Pull once: fetch, land, validate, accept or reject.

    Exit code 0: accepted, or already there; 3: rejected or held; 2: usage; 1: failure.

    Example: dpgw ingest dpg_registry --from snapshots/2024-12-31.json
    """
    from dpg_warehouse import pipeline

    settings = Settings.from_environment()
    found = find_source(settings.source_roots, source)
    requests = pipeline.plan(found, wave, parse_date(as_of, "--as-of"), location, force)
    with progress_bar("ingest") as move:
        outcomes = pipeline.ingest_all(settings, [(found, r) for r in requests], credentials, move)
    for outcome in outcomes:
        say_outcome(outcome)
    raise typer.Exit(exit_code(outcomes))


def backfill(
    source: SourceId,
    location: Annotated[Path, typer.Option("--from", help="A folder of YYYY-MM-DD.json[.gz] files.")],
    since: Annotated[str | None, typer.Option(help="The first date, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="The last date, YYYY-MM-DD.")] = None,
) -> None:
    """Pull every dated file of a folder; what is there already is passed over, so it can be repeated.

    Example: dpgw backfill dpg_registry --from snapshots --since 2023-01-01
    """
    from dpg_warehouse import pipeline

    settings = Settings.from_environment()
    found = find_source(settings.source_roots, source)
    with progress_bar("backfill") as move:
        outcomes = pipeline.backfill(
            settings, found, location, parse_date(since, "--since"), parse_date(until, "--until"), move
        )
    refused = [outcome for outcome in outcomes if not is_accepted(outcome)]
    new = sum(outcome.load.newly_accepted for outcome in outcomes if outcome.load)
    there = len(outcomes) - new - len(refused)
    out.print(f"{len(outcomes)} pulls: {new} accepted, {there} already there, {len(refused)} refused.")
    for outcome in refused:
        say_outcome(outcome)
    raise typer.Exit(exit_code(outcomes))


def withdraw(
    load: Annotated[int, typer.Argument(metavar="LOAD", help="A load's number.")],
    reason: Annotated[str, typer.Option(help="Why, for those who come later.")],
) -> None:
    """Take an accepted load back; the next build goes without it.

    Example: dpgw withdraw 17 --reason "The export was of the wrong form"
    """
    from dpg_warehouse import pipeline

    say_load(pipeline.withdraw(Settings.from_environment(), load, reason))


def revalidate(load: Annotated[int, typer.Argument(metavar="LOAD", help="A load's number.")]) -> None:
    """Run gate 1 again on a load, after its source's files were mended.

    An accepted load stays accepted whatever comes out; builds refuse it while gate 1 does.

    Example: dpgw revalidate 17
    """
    from dpg_warehouse import pipeline

    settings = Settings.from_environment()
    landed = pipeline.load_by_id(settings, load)
    found = find_source(settings.source_roots, landed.source_id)
    with err.status(f"validating load {load}"):
        judge = pipeline.judge_again if landed.status is LoadStatus.ACCEPTED else pipeline.validate
        decided = judge(settings, found, landed)
    say_load(decided)
    passes = decided.status is LoadStatus.ACCEPTED and not decided.later_refusal
    raise typer.Exit(0 if passes else EXIT_REFUSED)


def credentials(source: Source, wave_id: str | None) -> Credentials | None:
    """What the environment says for this source and wave."""
    return credentials_from_environment(connection_id(source, wave_id))


def parse_date(text: str | None, option: str) -> date | None:
    """A date of the command line; raise UsageError where it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} is {text!r}; write a date as YYYY-MM-DD.") from error


def say_load(load: Load) -> None:
    """One line on stdout; a refusal's reason on stderr."""
    wave = f" wave {load.wave_id}" if load.wave_id else ""
    counts = ""
    if load.received_count is not None:
        counts = f", {load.received_count} records, {load.new_payload_count} new"
        counts += f", {load.tolerated_count} tolerated" if load.tolerated_count else ""
        counts += f", {load.forgotten_count} forgotten" if load.forgotten_count else ""
    again = "" if load.newly_accepted or load.status is not LoadStatus.ACCEPTED else " (already there)"
    when = f" of {load.as_of}" if load.as_of else ""
    out.print(f"load {load.load_id}: {load.source_id}{wave}{when} {styled(load.status)}{again}{counts}")
    if load.status in (LoadStatus.REJECTED, LoadStatus.HELD):
        say_error(f"{load.reason} See `dpgw rejected {load.load_id}`.")
    elif load.later_refusal:
        say_error(f"Builds refuse it since its source's files changed: {load.later_refusal}")


def say_outcome(outcome: PullOutcome) -> None:
    """What became of one pull of several."""
    if outcome.load is not None:
        say_load(outcome.load)
        if outcome.load.status is LoadStatus.WITHDRAWN:
            say_error(f"It was withdrawn: {outcome.load.reason} Pull with --force to accept it again.")
        return
    wave = f" wave {outcome.request.wave_id}" if outcome.request.wave_id else ""
    date_text = f" of {outcome.request.as_of}" if outcome.request.as_of else ""
    say_error(f"{outcome.request.source_id}{wave}{date_text}: {outcome.error}")


def is_accepted(outcome: PullOutcome) -> bool:
    """Whether the pull's load is accepted, now or since before."""
    return outcome.load is not None and outcome.load.status is LoadStatus.ACCEPTED


def exit_code(outcomes: Sequence[PullOutcome]) -> int:
    """0 where every load is accepted; else what is worst: a failure, wrong usage, a refusal."""
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if any(not isinstance(error, UsageError) for error in errors):
        return EXIT_FAILURE
    if errors:
        return EXIT_USAGE
    return 0 if all(is_accepted(outcome) for outcome in outcomes) else EXIT_REFUSED
