"""The command that erases a respondent: forget."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dpg_warehouse.cli.console import err, out, say_error
from dpg_warehouse.cli.loading import SourceId
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.records import UsageError
from dpg_warehouse.settings import Settings

if TYPE_CHECKING:
    from dpg_warehouse.pipeline import Forgotten


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(forget)


def forget(
    source: SourceId,
    key: Annotated[
        str,
        typer.Argument(metavar="KEY", help="A record's key, a server's number, or the respondent's link."),
    ],
    wave: Annotated[
        str | None, typer.Option(help="Whose record the key is, where waves number respondents anew.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; never who.")] = "The respondent asked for it.",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Erase one respondent everywhere, and keep a tombstone that later pulls respect.

    It cannot be undone. Answers in other waves go too where link_field tells that they are the same
    person's; a key alone never does. An unknown key gets its tombstone too, for pulls to come. A key
    that is stored as a pseudonym is given as the source writes it.

    Example: dpgw forget dpg_owners_survey 7 --wave 2022
    """
    from dpg_warehouse import pipeline

    settings = Settings.from_environment()
    found = find_source(settings.source_roots, source)
    to_forget = pipeline.find_respondent(settings, found, key, wave)
    respondent = to_forget.respondent
    if to_forget.was_forgotten:
        out.print(f"{source} has forgotten this respondent already; later pulls leave them out.")
    elif respondent.is_known:
        waves = f" in wave {', '.join(respondent.waves)}" if respondent.waves else ""
        loads = len(respondent.load_ids)
        out.print(f"{len(respondent.payload_nos)} stored versions{waves}, in {loads} loads.", markup=False)
    elif to_forget.kept_out_of:
        out.print(f"{source} holds nothing under this key; a tombstone will keep later pulls from it.")
    else:
        out.print(
            f"{source} holds nothing under this key. Taken for what link_field holds, it is left out of "
            "later pulls of every wave; if it is a record's key, name its wave with --wave."
        )
    if not to_forget.was_forgotten:
        _erase(settings, found, (key, wave, reason), yes)
    for row in to_forget.naming_rows:
        say_error(f"{found.folder.name}/{row} names the respondent: take it out by hand.")


def _erase(settings: Settings, source: Source, asked: tuple[str, str | None, str], is_told: bool) -> None:
    from dpg_warehouse import pipeline

    _confirm(is_told)
    with err.status("forgetting"):
        forgotten = pipeline.forget(settings, source, *asked)
    _say(forgotten)


def _confirm(is_told: bool) -> None:
    if is_told:
        return
    if not sys.stdin.isatty():
        raise UsageError("Forgetting cannot be undone: say --yes where nobody can be asked.")
    typer.confirm("Erase this for good?", abort=True, err=True)


def _say(forgotten: Forgotten) -> None:
    erasure = forgotten.erasure
    out.print(
        f"Erased {erasure.payload_count} stored versions and {erasure.fault_count} faults out of "
        f"{erasure.load_count} loads; {erasure.verdict_count} verdicts and "
        f"{erasure.configuration_count} stored rows of files no longer name the respondent; "
        f"{erasure.tombstone_count} new tombstones."
    )
    if forgotten.emptied_table_count:
        dropped = (
            f" {len(forgotten.schemas)} schemas of earlier dates are dropped." if forgotten.schemas else ""
        )
        out.print(f"What builds had derived is emptied: run `dpgw build`.{dropped}")
