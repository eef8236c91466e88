"""Postgres and Airflow together: up and down."""

from __future__ import annotations

from rich.console import Console

from dpg_warehouse.migrations import migrate
from dpg_warehouse.runtime import airflow, postgres, sample_server
from dpg_warehouse.runtime.processes import stop_all
from dpg_warehouse.runtime.steps import Steps
from dpg_warehouse.settings import Settings


def up(settings: Settings) -> None:
    """Start what does not run yet, and say where Airflow's page is."""
    console = Console(stderr=True)
    steps, logs = Steps(console), settings.home / "logs"
    with steps.shown():
        with steps.step("Start Postgres", logs / "postgres.log"):
            server = postgres.start(settings)
        with steps.step("Migrate the warehouse", logs / "postgres.log"):
            migrate(settings)
        with steps.step("Start Airflow", logs / "airflow") as tell:
            folder = airflow.start(settings, server, tell)
            airflow.wait_until_ready(settings, folder, tell)
    page = f"Airflow: {folder.url} (user {folder.login.user}, password {folder.login.password})"
    for line in (page, "A new DAG is paused until somebody unpauses it. `make down` stops everything."):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def down(settings: Settings) -> None:
    """Stop everything that was started, children included."""
    stop_all([*airflow.components(settings).values(), sample_server.background(settings)])
    postgres.stop(settings)
