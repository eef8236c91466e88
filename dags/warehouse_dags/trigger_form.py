"""The trigger form of an ingest DAG, and the pull that a run of it asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from airflow.sdk import Context, Param
from airflow.sdk.types import DagRunProtocol

from dpg_warehouse.configuration import Source


def ingest_params(source: Source) -> dict[str, Param]:
    """The fields of the form: wave (surveys alone), as_of, from, force."""
    waves = [wave.wave_id for wave in source.file.waves]
    return {
        "wave": Param(
            None,
            type=["null", "string"],
            enum=[None, *waves],
            title="Wave",
            description="One wave of the survey; empty for every wave."
            if waves
            else "A registry has no waves: leave this empty.",
        ),
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            title="As of",
            description="The date (UTC) of the pull. Empty: today for a live server, the file's own date "
            "for a dated file. A live server has no past to give, so it refuses a past date.",
        ),
        "from": Param(
            None,
            type=["null", "string"],
            minLength=1,
            title="From",
            description="A file, folder or address to pull from instead of the configured location.",
        ),
        "force": Param(
            False,
            type="boolean",
            title="Force",
            description="Let other content take the place of the load that is accepted for this date. "
            "The old load stays on the record as superseded.",
        ),
    }


def asked_date(context: Context, source: Source) -> date | None:
    """The pull's date: the form's, else the run's own where it matters, else None.

    A backfill asks for its own dates, of a live server too, so that the connector can refuse a past
    that the server doesn't have. A scheduled run asks for its date of a folder of dated files.
    """
    asked = context["params"]["as_of"]
    if asked:
        return date.fromisoformat(asked)
    run = context["dag_run"]
    kind = str(run.run_type.value)
    is_dated = kind == "backfill" or (kind == "scheduled" and _keeps_dated_files(context, source))
    return run_date(run) if is_dated else None


def _keeps_dated_files(context: Context, source: Source) -> bool:
    asked, configured = context["params"]["from"], source.file.location
    if asked:
        return Path(asked).is_dir()
    return configured is not None and (source.folder / configured).is_dir()


def run_date(run: DagRunProtocol) -> date:
    """The date that a run stands for: its logical date, or when it was due where it has none."""
    return (run.logical_date or run.run_after).date()


def is_asked_for(context: Context, wave_id: str | None) -> bool:
    """Whether the run wants this wave."""
    return context["params"]["wave"] in (None, wave_id)
