"""Commands about the server: up, down, migrate, url, demo and the whole stack."""

from __future__ import annotations

from typing import Annotated

import typer

from dpg_warehouse.cli.console import err, out
from dpg_warehouse.database import Role, connection_url
from dpg_warehouse.settings import Settings

stack_app = typer.Typer(help="Start and stop Postgres and Airflow together.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(migrate)
    app.command()(url)
    app.command()(demo)
    app.add_typer(stack_app, name="stack")


def up(
    port: Annotated[int | None, typer.Option(help="TCP port on loopback; else a free one.")] = None,
) -> None:
    """Start the embedded Postgres, then bring its schemas up to date with `dpgw migrate`.

    Example: dpgw up --port 5433
    """
    from dpg_warehouse.runtime import postgres

    server = postgres.start(Settings.from_environment(), port)
    out.print(f"Postgres listens on {server.host}:{server.port}.")


def down() -> None:
    """Stop the embedded Postgres.

    Example: dpgw down
    """
    from dpg_warehouse.runtime import postgres

    stopped = postgres.stop(Settings.from_environment())
    out.print("Postgres is stopped." if stopped else "Postgres was not running.")


def migrate() -> None:
    """Create or update schemas, tables, roles and grants; safe to repeat.

    Example: WAREHOUSE_URL=postgresql://owner:…@host/warehouse dpgw migrate
    """
    from dpg_warehouse.migrations import migrate as run_migrations

    run_migrations(Settings.from_environment())
    out.print("The warehouse is up to date.")


def url(
    role: Annotated[Role, typer.Option(help="Whose login.")] = Role.BI_READER,
) -> None:
    """Print a connection URL, its password included: for psql, pandas or a BI tool.

    Example: psql "$(dpgw url --role bi_reader)"
    """
    address = connection_url(Settings.from_environment(), role).set(drivername="postgresql")
    # Plain print: rich would wrap it.
    typer.echo(address.render_as_string(hide_password=False))


def demo() -> None:
    """Run everything on the bundled synthetic sample under Airflow, and show the headline trend.

    Example: dpgw demo
    """
    from dpg_warehouse.runtime import demo as demonstration

    demonstration.run(Settings.from_environment())


@stack_app.command("up")
def stack_up() -> None:
    """Start Postgres, bring it up to date, and start Airflow.

    Example: dpgw stack up
    """
    from dpg_warehouse.runtime import stack

    stack.up(Settings.from_environment())


@stack_app.command("down")
def stack_down() -> None:
    """Stop everything that `dpgw stack up` or `dpgw demo` started.

    Example: dpgw stack down
    """
    from dpg_warehouse.runtime import stack

    stack.down(Settings.from_environment())
    err.print("Everything is stopped.")
