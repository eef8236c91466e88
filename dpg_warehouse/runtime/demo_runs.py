"""The demo's DAG runs: ingest the sample, then see its build published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import JsonObject, WarehouseError
from dpg_warehouse.runtime.airflow_api import AirflowApi
from dpg_warehouse.runtime.steps import Tell
from dpg_warehouse.settings import Settings

BUILD = "build_marts"
PARSE_LIMIT_S, RUN_LIMIT_S = 120.0, 900.0
# How long the scheduler may take from a new load to the build that it starts.
NOTICE_LIMIT_S = 15.0
POLL_S = 0.5

_LAST_PUBLISH = text("select coalesce(max(publish_id), 0) from ops.publish_log")
_UNPUBLISHED = text(
    """
    select count(*)
    from ops.loads
    where status = 'accepted'
        and source_id = any(:source_ids)
        and load_id not in (
            select load_id
            from ops.build_inputs
            where build_id = (select max(publish_id) from ops.publish_log)
                and load_id is not null
        )
    """
)
_LAST_REASON = text(
    """
    select told.reason
    from (
        select builds.started_at, builds.reason from ops.builds
        union all
        select loads.started_at, loads.reason from ops.loads where loads.status <> 'accepted'
    ) as told
    where told.reason is not null and told.started_at >= :began
    order by told.started_at desc
    limit 1
    """
)


@dataclass(frozen=True)
class DemoRuns:
    """Runs DAGs through Airflow's API and waits for what they do in the warehouse."""

    api: AirflowApi
    settings: Settings
    source_ids: tuple[str, ...]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def wait_until_read(self, dag_ids: list[str], tell: Tell) -> None:
        """Wait until Airflow has read the files of the DAGs."""
        end = time.monotonic() + PARSE_LIMIT_S
        while missing := [dag_id for dag_id in dag_ids if not self.api.has_dag(dag_id)]:
            if errors := self.api.import_errors():
                raise WarehouseError(f"Airflow cannot import {errors[0]}")
            tell(f"waiting for Airflow to read {missing[0]}")
            self._pause_before(end, f"the DAG {missing[0]}")

    @contextmanager
    def unpaused(self, dag_ids: list[str]) -> Iterator[None]:
        """Unpause the DAGs in this block alone: afterwards no schedule calls a public API."""
        try:
            for dag_id in dag_ids:
                self.api.pause(dag_id, False)
            yield
        finally:
            for dag_id in dag_ids:
                self.api.pause(dag_id, True)

    def ingest(self, asked: dict[str, JsonObject], tell: Tell) -> bool:
        """Run the ingest DAGs to their end; return whether a load was newly accepted."""
        runs = {dag_id: self.api.trigger(dag_id, conf) for dag_id, conf in asked.items()}
        end = time.monotonic() + RUN_LIMIT_S
        while True:
            has_ended = [self._has_ended(dag_id, run_id) for dag_id, run_id in runs.items()]
            states = {
                f"{dag_id}.{task_id}": state
                for dag_id, run_id in runs.items()
                for task_id, state in self.api.task_states(dag_id, run_id).items()
            }
            done = sum(state in ("success", "skipped") for state in states.values())
            tell(f"{done} of {len(states)} tasks are done")
            if all(has_ended):
                return any(s == "success" for task, s in states.items() if task.endswith(".validate"))
            self._pause_before(end, "the ingest")

    def build(self, known_runs: set[str], last_publish: int, is_new: bool, tell: Tell) -> int:
        """Wait until a build has published every accepted load, started by hand where none is coming.

        `known_runs` and `last_publish` are what was there before the ingest. Returns the publish_id.
        """
        end, quiet_since, is_asked = time.monotonic() + RUN_LIMIT_S, time.monotonic(), False
        while True:
            new = [run for run in self.api.runs(BUILD) if run not in known_runs]
            if not all(self._has_ended(BUILD, run_id) for run_id in new):
                quiet_since = time.monotonic()
                tell("dbt, checks, publish")
            elif self.last_publish() > last_publish and self._unpublished_count() == 0:
                return self.last_publish()
            elif not (is_new and time.monotonic() - quiet_since < NOTICE_LIMIT_S):
                if is_asked:
                    raise WarehouseError("the build ended, but published nothing new; see `dpgw status`.")
                self.api.trigger(BUILD, {})
                is_asked, is_new = True, False
            self._pause_before(end, "the build")

    def last_publish(self) -> int:
        """The last publish_id; 0 before the first."""
        with engine(self.settings, Role.LOADER).connect() as connection:
            return int(connection.scalar(_LAST_PUBLISH))

    def _unpublished_count(self) -> int:
        with engine(self.settings, Role.LOADER).connect() as connection:
            return int(connection.scalar(_UNPUBLISHED, {"source_ids": list(self.source_ids)}))

    def _has_ended(self, dag_id: str, run_id: str) -> bool:
        state = self.api.run_state(dag_id, run_id)
        if state == "failed":
            raise WarehouseError(self._why_failed(dag_id, run_id))
        return state == "success"

    def _why_failed(self, dag_id: str, run_id: str) -> str:
        failed = [task for task, s in self.api.task_states(dag_id, run_id).items() if s == "failed"]
        with engine(self.settings, Role.LOADER).connect() as connection:
            reason = connection.scalar(_LAST_REASON, {"began": self.began})
        folder = self.settings.home / "logs" / "airflow" / f"dag_id={dag_id}" / f"run_id={run_id}"
        why = f": {reason}" if reason else "."
        return f"{dag_id} failed in {', '.join(failed) or 'the run'}{why} The log is in {folder}."

    @staticmethod
    def _pause_before(end: float, what: str) -> None:
        if time.monotonic() > end:
            raise WarehouseError(f"{what} took too long.")
        time.sleep(POLL_S)
