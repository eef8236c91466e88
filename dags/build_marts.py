"""Build, check and publish the marts whenever a load was newly accepted."""

from __future__ import annotations

import logging
from datetime import timedelta

from airflow.sdk import DAG, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from warehouse_dags.assets import NEW_LOADS, announced_loads
from warehouse_dags.descriptions import BUILD
from warehouse_dags.failures import tell_failure, told_plainly

from dpg_warehouse.settings import Settings

log = logging.getLogger(__name__)


def _tell(what: str, done: int, total: int) -> None:
    log.info("%s (%s of %s)" if total else "%s", what, *((done, total) if total else ()))


@task(retries=1, retry_delay=timedelta(seconds=30))
def build() -> dict[str, int]:
    """Freeze the inputs, run dbt, check, publish; gives the published marts' row counts."""
    from dpg_warehouse import pipeline
    from dpg_warehouse.waiting import loads_waiting

    settings, announced = Settings.from_environment(), announced_loads(get_current_context())
    with told_plainly():
        if announced and not loads_waiting(settings, announced):
            raise AirflowSkipException(f"The marts hold these loads already: {announced}.")
        outcome = pipeline.build(settings, _tell)
    for model in outcome.models:
        if model.resource_type == "model" or model.status not in ("success", "pass"):
            log.info("%-8s %6.2f s  %s", model.status, model.seconds, model.unique_id)
    if outcome.status != "published":
        raise AirflowFailException(
            f"Build {outcome.build_id} was not published, the marts are unchanged: {outcome.reason}"
        )
    log.info("Published build %s in %.1f s.", outcome.build_id, outcome.duration_s)
    for note in outcome.notes:
        log.info("%s", note)
    return outcome.row_counts


with DAG(
    dag_id="build_marts",
    description="dbt, checks and the publish, in one transaction",
    doc_md=BUILD,
    schedule=NEW_LOADS,
    catchup=False,
    max_active_runs=1,
    tags=["build", "marts"],
    default_args={"owner": "data-engineering", "on_failure_callback": tell_failure},
    on_failure_callback=tell_failure,
):
    build()
