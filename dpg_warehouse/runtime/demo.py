"""`make demo`: from nothing to published marts, on the bundled synthetic sample, under Airflow."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console

from dpg_warehouse.database import Role, connection_url, engine
from dpg_warehouse.migrations import migrate
from dpg_warehouse.records import JsonObject
from dpg_warehouse.runtime import airflow, postgres, sample_history, sample_server
from dpg_warehouse.runtime.airflow_folder import AirflowFolder
from dpg_warehouse.runtime.demo_runs import BUILD, DemoRuns
from dpg_warehouse.runtime.headline import headline_table
from dpg_warehouse.runtime.steps import Steps
from dpg_warehouse.settings import Settings

SURVEY = "dpg_owners_survey"
# What each ingest DAG is asked for: the sample, never the public API.
ASKED: dict[str, JsonObject] = {
    f"ingest__{sample_history.REGISTRY}": {"from": str(sample_history.SNAPSHOTS)},
    f"ingest__{SURVEY}": {},
}


def run(settings: Settings) -> None:
    """Start everything, load the sample, wait for its marts and show the headline trend."""
    console, started = Console(), time.monotonic()
    console.print("The demo loads a synthetic sample and reads nothing from the internet.")
    steps = Steps(console)
    with steps.shown():
        folder = _start_and_load_history(settings, steps)
        publish_id = _run_dags(settings, steps, folder)
    with engine(settings, Role.BI_READER).connect() as connection:
        console.print(headline_table(connection))
    _say_where_next(console, settings, folder)
    console.print(
        f"Published as publish_id {publish_id}, {time.monotonic() - started:.0f} s after the start."
    )


def _start_and_load_history(settings: Settings, steps: Steps) -> AirflowFolder:
    """Postgres first; then Airflow makes its tables while the registry's past months are loaded."""
    logs = settings.home / "logs"
    with steps.step("Start Postgres", logs / "postgres.log"):
        server = postgres.start(settings)
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(_start_airflow, settings, steps, server)
        with steps.step("Migrate the warehouse", logs / "postgres.log"):
            migrate(settings)
        with steps.step("Load the registry's past months", sample_history.log_of(settings)) as tell:
            sample_history.load(settings, tell)
        return starting.result()


def _start_airflow(settings: Settings, steps: Steps, server: postgres.Server) -> AirflowFolder:
    with steps.step("Start Airflow's processes", settings.home / "logs" / "airflow") as tell:
        return airflow.start(settings, server, tell)


def _run_dags(settings: Settings, steps: Steps, folder: AirflowFolder) -> int:
    logs = settings.home / "logs"
    with steps.step("Start the sample's KoboToolbox server", logs / "kobotoolbox.log"):
        connection = sample_server.start(settings)
    with steps.step("Wait for Airflow", logs / "airflow") as tell:
        api = airflow.wait_until_ready(settings, folder, tell)
        api.put_connection(connection)
    runs = DemoRuns(api, settings, (sample_history.REGISTRY, SURVEY))
    last_publish = runs.last_publish()
    with steps.step("Read the DAGs", logs / "airflow" / "dag-processor.log") as tell:
        runs.wait_until_read([*ASKED, BUILD], tell)
    known_builds = set(api.runs(BUILD))
    with runs.unpaused([*ASKED, BUILD]):
        with steps.step("Run the ingest DAGs", logs / "airflow") as tell:
            is_new = runs.ingest(ASKED, tell)
        with steps.step(f"Run {BUILD}", logs / "airflow") as tell:
            return runs.build(known_builds, last_publish, is_new, tell)


def _say_where_next(console: Console, settings: Settings, folder: AirflowFolder) -> None:
    url = connection_url(settings, Role.BI_READER).set(drivername="postgresql")
    lines = (
        "",
        f"Airflow's page    {folder.url}  (user {folder.login.user}, password {folder.login.password})",
        "                  Its DAGs are paused again, so that no schedule calls a public API.",
        f"BI tools          {url.render_as_string(hide_password=True)}",
        "                  .venv/bin/dpgw url --role bi_reader prints it with its password.",
        "Loads, verdicts   .venv/bin/dpgw status",
        "Stop everything   make down",
    )
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
