"""Airflow on this machine: its metadata in the embedded Postgres, its components as processes of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import psycopg

from dpg_warehouse.logins import read_logins, write_private
from dpg_warehouse.records import WarehouseError
from dpg_warehouse.runtime.airflow_api import AirflowApi
from dpg_warehouse.runtime.airflow_folder import AirflowFolder, last_port, write_folder
from dpg_warehouse.runtime.postgres import AIRFLOW, Server, free_port, is_free
from dpg_warehouse.runtime.processes import Background, stop_all
from dpg_warehouse.settings import PROJECT_ROOT, Settings

# In the order in which they are started: what takes longest first. Logs are read from files, so none
# of them needs a log server, which would listen on every interface.
COMPONENTS = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
HEALTH = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}
START_LIMIT_S = 180.0

Tell = Callable[[str], None]


def start(settings: Settings, server: Server, tell: Tell) -> AirflowFolder:
    """Start every component that does not run; `ready` says when they are up."""
    api_server = components(settings)["api-server"]
    last = last_port(settings)
    keep = last is not None and (api_server.process() is not None or is_free(last))
    folder, has_changed = write_folder(settings, server, last if keep and last else free_port())
    if has_changed:
        stop(settings)
    _migrate(settings, server, folder, tell)
    tell("starting its components")
    for name, component in components(settings).items():
        component.start(
            [sys.executable, "-m", "airflow", *COMPONENTS[name]], _environment(settings, folder), PROJECT_ROOT
        )
    return folder


def wait_until_ready(settings: Settings, folder: AirflowFolder, tell: Tell) -> AirflowApi:
    """Wait until each component reports for duty; return the API's client."""
    api = AirflowApi(folder.url, folder.login)
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end:
        _refuse_dead(settings)
        health = api.health()
        missing = [name for name, key in HEALTH.items() if health.get(key) != "healthy"]
        if health and not missing:
            api.log_in()
            return api
        tell(f"waiting for its {', '.join(missing) if health else 'api-server'}")
        time.sleep(0.5)
    logs = settings.home / "logs" / "airflow"
    raise WarehouseError(f"Airflow was not up within {START_LIMIT_S:.0f} s; its logs are in {logs}.")


def stop(settings: Settings) -> list[str]:
    """Stop every component, their children included; return the names of those that ran."""
    return stop_all(components(settings).values())


def components(settings: Settings) -> dict[str, Background]:
    """The components by name."""
    run, logs = settings.home / "run", settings.home / "logs" / "airflow"
    return {name: Background(name, run / f"airflow-{name}.json", logs / f"{name}.log") for name in COMPONENTS}


def _environment(settings: Settings, folder: AirflowFolder) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {
        **kept,
        "AIRFLOW_HOME": str(folder.path),
        "DPGW_HOME": str(settings.home),
        # What Airflow's own process titles and tools call by name is found beside this Python.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def _migrate(settings: Settings, server: Server, folder: AirflowFolder, tell: Tell) -> None:
    """Create or update Airflow's tables, unless this version did so already: asking it takes seconds."""
    note = folder.path / "migrated.json"
    noted = json.loads(note.read_text(encoding="utf-8")) if note.exists() else None
    if noted == [version("apache-airflow"), _revision(settings, server)]:
        return
    tell("creating its tables")
    log = settings.home / "logs" / "airflow" / "migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(settings, folder),
            cwd=PROJECT_ROOT,
            check=False,
        )
    if done.returncode != 0:
        raise WarehouseError(f"Airflow could not make its tables; the log is {log}.")
    write_private(note, json.dumps([version("apache-airflow"), _revision(settings, server)]))


def _revision(settings: Settings, server: Server) -> str | None:
    login = read_logins(settings.home)[AIRFLOW]
    with psycopg.connect(
        host=server.host, port=server.port, user=login.user, password=login.password, dbname=AIRFLOW
    ) as connection:
        found = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
        if not found or not found[0]:
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
    return None if row is None else str(row[0])


def _refuse_dead(settings: Settings) -> None:
    for name, component in components(settings).items():
        if component.process() is None:
            why = component.last_line()[:200]
            raise WarehouseError(f"Airflow's {name} ended at its start ({why}); its log is {component.log}.")
