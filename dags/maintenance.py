"""Daily upkeep: old logs, Data Docs and schemas of a date are deleted, the warehouse's tables vacuumed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import DAG, Param, conf, get_current_context, task
from warehouse_dags.descriptions import MAINTENANCE
from warehouse_dags.failures import tell_failure, told_plainly
from warehouse_dags.schedules import coming_times

from dpg_warehouse.settings import Settings

log = logging.getLogger(__name__)


def _cutoff() -> datetime:
    return datetime.now(UTC) - timedelta(days=int(get_current_context()["params"]["keep_days"]))


@task
def delete_old_logs() -> int:
    """Delete log files of Airflow, dbt and the command line; gives how many."""
    from dpg_warehouse.maintenance import delete_old_files

    folders = {Settings.from_environment().home / "logs", Path(conf.get("logging", "base_log_folder"))}
    with told_plainly():
        return sum(delete_old_files(folder, _cutoff()) for folder in folders)


@task
def delete_old_data_docs() -> int:
    """Delete the Data Docs of old runs, but of each source's last; gives how many runs."""
    from dpg_warehouse.maintenance import delete_old_data_docs

    with told_plainly():
        return delete_old_data_docs(Settings.from_environment().home / "data_docs", _cutoff())


@task(retries=1, retry_delay=timedelta(minutes=5))
def drop_old_as_of_schemas() -> int:
    """Drop the schemas of builds as of a date that nobody has built lately; gives how many."""
    from dpg_warehouse import pipeline

    with told_plainly():
        return len(pipeline.drop_old_as_of_schemas(Settings.from_environment(), _cutoff()))


@task(retries=1, retry_delay=timedelta(minutes=5))
def vacuum() -> int:
    """Vacuum and analyze the tables of the roles that own them; gives how many."""
    from dpg_warehouse.maintenance import vacuum_tables

    with told_plainly():
        return len(vacuum_tables(Settings.from_environment()))


with DAG(
    dag_id="maintenance",
    description="Retention of logs and Data Docs, vacuum",
    doc_md=MAINTENANCE,
    schedule=coming_times("30 3 * * *"),
    catchup=False,
    max_active_runs=1,
    params={
        "keep_days": Param(
            30, type="integer", minimum=1, title="Days to keep", description="Younger files stay."
        )
    },
    tags=["maintenance"],
    default_args={"owner": "data-engineering", "on_failure_callback": tell_failure},
    on_failure_callback=tell_failure,
):
    delete_old_logs()
    delete_old_data_docs()
    drop_old_as_of_schemas()
    vacuum()
