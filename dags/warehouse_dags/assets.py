"""The one asset: loads that were newly accepted, and what a run learns from its events."""

from __future__ import annotations

from airflow.sdk import Asset, Context, FixedKeyMapper, PartitionedAssetTimetable

from dpg_warehouse.records import Load

ACCEPTED_LOADS = Asset("accepted_loads", uri="dpgw://warehouse/accepted_loads", group="warehouse")

# An event with a partition key starts no run of a DAG that is scheduled on the plain asset (seen with
# Airflow 3.3), and by its own key each date would be a build of its own. All dates go into the same
# marts, hence one key for all: events that arrive together start one build.
NEW_LOADS = PartitionedAssetTimetable(
    assets=ACCEPTED_LOADS, default_partition_mapper=FixedKeyMapper("all_dates")
)


def announce(context: Context, load: Load) -> None:
    """Give the task's asset event the load's date as partition key, and its figures."""
    event = context["outlet_events"][ACCEPTED_LOADS]
    event.add_partitions(str(load.as_of))
    event.extra.update(
        load_id=load.load_id,
        source_id=load.source_id,
        wave=load.wave_id,
        as_of=str(load.as_of),
        received_count=load.received_count,
        new_payload_count=load.new_payload_count,
    )


def announced_loads(context: Context) -> tuple[int, ...]:
    """The loads whose acceptance started this run; none for a run that a person started."""
    events = context["triggering_asset_events"].get(ACCEPTED_LOADS, ())
    return tuple(sorted({int(event.extra["load_id"]) for event in events if "load_id" in event.extra}))
