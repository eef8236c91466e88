"""One ingest DAG for each source in sources/: land a pull, validate it, announce what is new."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import timedelta
from typing import cast

from airflow.sdk import DAG, TaskGroup, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from warehouse_dags.assets import ACCEPTED_LOADS, announce
from warehouse_dags.connections import credentials_of
from warehouse_dags.descriptions import ingest_description
from warehouse_dags.failures import tell_failure, told_plainly
from warehouse_dags.schedules import coming_times
from warehouse_dags.trigger_form import asked_date, ingest_params, is_asked_for

from dpg_warehouse.configuration import Source, find_source, read_sources
from dpg_warehouse.settings import Settings

log = logging.getLogger(__name__)


@task(retries=3, retry_delay=timedelta(seconds=20), retry_exponential_backoff=3)
def land(source_id: str, wave_id: str | None) -> int:
    """Fetch one pull, prove it complete and store it; gives the load's number to `validate`."""
    from dpg_warehouse import pipeline

    context, settings = get_current_context(), Settings.from_environment()
    if not is_asked_for(context, wave_id):
        raise AirflowSkipException(f"Wave {wave_id} was not asked for.")
    source, params = find_source(settings.source_roots, source_id), context["params"]
    with told_plainly():
        # Planned as the form asks, so that what makes no sense for the whole run is refused by each task.
        requests = pipeline.plan(
            source, params["wave"], asked_date(context, source), params["from"], params["force"]
        )
        (request,) = [request for request in requests if request.wave_id == wave_id]
        credentials = credentials_of(source, wave_id)
        load = pipeline.land(settings, source, request, credentials)
    log.info("Load %s is %s.", load.load_id, load.status)
    if load.received_count is not None:
        counts = (load.as_of, load.received_count, load.new_payload_count)
        log.info("As of %s: %s records received, %s of them new.", *counts)
    return load.load_id


@task(retries=0, outlets=[ACCEPTED_LOADS])
def validate(source_id: str, load_id: int) -> None:
    """Run the source's suite on the load alone; announce the load if it is accepted now."""
    from dpg_warehouse import pipeline
    from dpg_warehouse.waiting import loads_waiting

    context, settings = get_current_context(), Settings.from_environment()
    with told_plainly():
        source = find_source(settings.source_roots, source_id)
        landed = pipeline.load_by_id(settings, load_id)
        load = pipeline.validate(settings, source, landed, context["params"]["force"])
    # One that was accepted before and is in no publish yet: its acceptance was never announced.
    if load.newly_accepted or (load.status == "accepted" and loads_waiting(settings, [load_id])):
        announce(context, load)
    elif load.status == "accepted":
        raise AirflowSkipException(f"Load {load_id} was accepted before; nothing is new.")
    else:
        raise AirflowFailException(
            f"Load {load_id} is {load.status}: {load.reason} `dpgw rejected {load_id}` tells more."
        )


def ingest_dag(source: Source) -> DAG:
    """The DAG of one source: a group of tasks for each wave of a survey."""
    with DAG(
        dag_id=f"ingest__{source.source_id}",
        description=source.file.title,
        doc_md=ingest_description(source),
        schedule=coming_times(source.file.schedule),
        catchup=False,
        max_active_runs=1,
        params=ingest_params(source),
        tags=["ingest", source.file.kind],
        default_args={"owner": source.file.owner, "on_failure_callback": tell_failure},
        on_failure_callback=tell_failure,
    ) as dag:
        for wave in source.file.waves or (None,):
            wave_id = wave.wave_id if wave else None
            with TaskGroup(f"wave_{wave_id}", tooltip=wave.label) if wave else nullcontext():
                # Airflow hands over at run time what `land` gave.
                validate(source.source_id, cast("int", land(source.source_id, wave_id)))
    return dag


for _source in read_sources(Settings.from_environment().source_roots).values():
    ingest_dag(_source)
