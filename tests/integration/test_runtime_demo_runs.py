"""The demo's waiting: it ends when a build of its own has published, and never before."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import JsonObject, WarehouseError
from dpg_warehouse.runtime import demo_runs
from dpg_warehouse.runtime.demo_runs import BUILD, DemoRuns
from dpg_warehouse.settings import Settings


def run_sql(settings: Settings, *statements: str) -> None:
    with engine(settings, Role.LOADER).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def accept_load(settings: Settings) -> None:
    run_sql(
        settings,
        "insert into ops.loads (source_id, feed, as_of, status, code_version)"
        " values ('sample', 'api', '2024-12-31', 'accepted', '1')",
    )


@dataclass
class PretendedAirflow:
    """Answers as Airflow's API; a run that is asked about for the second time has ended."""

    settings: Settings
    publishes: bool = True
    coming: list[str] = field(default_factory=list)  # runs that the scheduler starts by itself
    outcome: str = "success"
    triggered: list[str] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)

    def trigger(self, dag_id: str, conf: JsonObject) -> str:
        assert conf is not None
        self.triggered.append(dag_id)
        return f"{dag_id} {len(self.triggered)}"

    def runs(self, dag_id: str) -> list[str]:
        assert dag_id == BUILD
        return [*self.coming, *(f"{BUILD} {n}" for n, d in enumerate(self.triggered, 1) if d == BUILD)]

    def run_state(self, dag_id: str, run_id: str) -> str:
        self.asked[run_id] = self.asked.get(run_id, 0) + 1
        if self.asked[run_id] == 1:
            return "running"
        if dag_id == BUILD and self.asked[run_id] == 2 and self.publishes:
            self.publish()
        return self.outcome

    def task_states(self, _dag_id: str, _run_id: str) -> dict[str, str]:
        return {"land": "success", "validate": self.outcome if self.outcome == "failed" else "success"}

    def publish(self) -> None:
        run_sql(
            self.settings,
            "insert into ops.builds (status, inputs_hash, code_version) values ('published', 'x', '1')",
            "insert into ops.build_inputs select (select max(build_id) from ops.builds), source_id, load_id,"
            " feed, wave_id, as_of, 'x' from ops.loads where status = 'accepted'",
            "insert into ops.publish_log select max(build_id), now(), '1', '{}', 1 from ops.builds",
        )


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_runs, "POLL_S", 0.0)
    monkeypatch.setattr(demo_runs, "NOTICE_LIMIT_S", 0.3)


def demo(airflow: PretendedAirflow) -> DemoRuns:
    return DemoRuns(airflow, airflow.settings, ("sample",))  # type: ignore[arg-type]


def silent(_what: str) -> None:
    pass


def test_the_build_that_new_loads_start_is_waited_for(warehouse: Settings) -> None:
    accept_load(warehouse)
    airflow = PretendedAirflow(warehouse, coming=["asset 1"])
    assert demo(airflow).build(set(), 0, True, silent) == 1
    assert airflow.triggered == []


def test_a_build_is_started_by_hand_where_nothing_was_new(warehouse: Settings) -> None:
    accept_load(warehouse)
    airflow = PretendedAirflow(warehouse)
    assert demo(airflow).build(set(), 0, False, silent) == 1
    assert airflow.triggered == [BUILD]


def test_a_build_is_started_by_hand_where_the_expected_one_does_not_come(warehouse: Settings) -> None:
    accept_load(warehouse)
    airflow = PretendedAirflow(warehouse)
    assert demo(airflow).build(set(), 0, True, silent) == 1
    assert airflow.triggered == [BUILD]


def test_a_publish_from_before_the_demo_does_not_count(warehouse: Settings) -> None:
    accept_load(warehouse)
    airflow = PretendedAirflow(warehouse)
    airflow.publish()
    assert demo(airflow).build({"old"}, 1, False, silent) == 2


def test_a_build_that_published_nothing_is_an_error(warehouse: Settings) -> None:
    airflow = PretendedAirflow(warehouse, publishes=False)
    with pytest.raises(WarehouseError, match="published nothing new"):
        demo(airflow).build(set(), 0, False, silent)


def test_a_failed_run_is_named_with_its_reason_and_log(warehouse: Settings) -> None:
    airflow = PretendedAirflow(warehouse, outcome="failed")
    runs = demo(airflow)
    run_sql(
        warehouse,
        "insert into ops.loads (source_id, status, reason, code_version)"
        " values ('sample', 'rejected', '2 records have no key.', '1')",
    )
    with pytest.raises(WarehouseError, match=r"failed in validate: 2 records have no key\. The log is in"):
        runs.ingest({"ingest__sample": {}}, silent)


def test_ingest_says_whether_a_load_was_newly_accepted(warehouse: Settings) -> None:
    assert demo(PretendedAirflow(warehouse)).ingest({"ingest__a": {}, "ingest__b": {}}, silent)
