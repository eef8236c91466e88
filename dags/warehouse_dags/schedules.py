"""When a DAG runs: at its cron times to come, never for a time that passed while it was paused."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable

# The scheduler may notice a due time a little late; an older one is past.
NOTICED_WITHIN = timedelta(minutes=5)


def coming_times(cron: str | None) -> CronTriggerTimetable | None:
    """The times (UTC) of a cron expression or preset; None: by hand alone.

    Works without a start date only: with one, unpausing at once starts a run for the last time.
    """
    if cron is None:
        return None
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=NOTICED_WITHIN)
