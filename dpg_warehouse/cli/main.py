"""`dpgw`: gathers the commands, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dpg_warehouse import __version__
from dpg_warehouse.cli import building, erasing, inspecting, loading, serving, surveying
from dpg_warehouse.cli.console import EXIT_FAILURE, EXIT_USAGE, say_error
from dpg_warehouse.records import UsageError, WarehouseError
from dpg_warehouse.settings import SettingsError

app = typer.Typer(
    name="dpgw",
    help="Survey waves and registry snapshots of digital public goods, as trends that can be trusted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (serving, loading, building, erasing, inspecting, surveying):
    part.register(app)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Take the options that every command has."""
    if debug:
        os.environ["DPGW_DEBUG"] = "1"
    if version:
        typer.echo(f"dpgw {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command; the one place where an exception becomes an exit code."""
    is_debug = "--debug" in sys.argv[1:]
    # Progress comes from our own events; nothing phones home from any part of a command.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    sys.argv[1:] = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app()
    except (WarehouseError, SettingsError) as error:
        if is_debug:
            raise
        say_error(str(error))
        sys.exit(EXIT_USAGE if isinstance(error, UsageError | SettingsError) else EXIT_FAILURE)
    except KeyboardInterrupt:
        say_error("Stopped; the same command goes on where this one ended.")
        sys.exit(130)
    except Exception as error:
        if is_debug:
            raise
        say_error(f"{type(error).__name__}; run it again with --debug to see where.")
        sys.exit(EXIT_FAILURE)
