"""The DAGs as people meet them: ids, tasks, schedules, forms, and what each says of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dpg_warehouse.configuration import read_sources
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from tests.dags.conftest import DAGS

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

HEAVY = ("dbt", "great_expectations", "pandas", "dpg_warehouse.pipeline")


def ingest_ids() -> set[str]:
    return {f"ingest__{source_id}" for source_id in read_sources(Settings.from_environment({}).source_roots)}


def test_every_dag_is_imported_and_no_other_is_there(dagbag: DagBag) -> None:
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == {"build_marts", "maintenance", *ingest_ids()}


def test_a_registry_is_landed_and_validated(dagbag: DagBag) -> None:
    dag = dagbag.dags["ingest__dpg_registry"]
    assert dag.task_ids == ["land", "validate"]
    assert dag.task_dict["validate"].upstream_task_ids == {"land"}


def test_each_wave_of_a_survey_has_its_own_group(dagbag: DagBag) -> None:
    waves = ("2022", "2023", "2024")
    expected = [f"wave_{wave}.{task}" for wave in waves for task in ("land", "validate")]
    assert sorted(dagbag.dags["ingest__dpg_owners_survey"].task_ids) == expected


def test_build_and_maintenance_have_their_tasks(dagbag: DagBag) -> None:
    assert dagbag.dags["build_marts"].task_ids == ["build"]
    assert set(dagbag.dags["maintenance"].task_ids) == {
        "delete_old_logs",
        "delete_old_data_docs",
        "drop_old_as_of_schemas",
        "vacuum",
    }


def test_a_folder_of_sources_brings_its_own_dag(dagbag: DagBag, monkeypatch: pytest.MonkeyPatch) -> None:
    further = PROJECT_ROOT / "tests" / "sources"
    monkeypatch.setenv("DPGW_SOURCES", str(further))
    again = type(dagbag)(dag_folder=str(DAGS / "ingest.py"), bundle_path=DAGS, bundle_name="dags-folder")
    assert again.import_errors == {}
    assert {f"ingest__{folder.parent.name}" for folder in further.glob("*/source.yml")} <= set(again.dags)


def test_ingests_run_when_their_source_says_so(dagbag: DagBag) -> None:
    for source_id, source in read_sources(Settings.from_environment({}).source_roots).items():
        timetable = dagbag.dags[f"ingest__{source_id}"].timetable
        assert getattr(timetable, "expression", None) == source.file.schedule


def test_build_runs_on_the_one_asset_and_one_key_stands_for_all_dates(dagbag: DagBag) -> None:
    timetable: Any = dagbag.dags["build_marts"].timetable
    assert timetable.asset_condition.name == "accepted_loads"
    mapper: Any = timetable.default_partition_mapper
    assert mapper.downstream_key == "all_dates"


def test_only_validate_emits_the_asset(dagbag: DagBag) -> None:
    emitting = {
        (dag.dag_id, task.task_id.rsplit(".", 1)[-1])
        for dag in dagbag.dags.values()
        for task in dag.tasks
        if [outlet.name for outlet in task.outlets] == ["accepted_loads"]
    }
    assert emitting == {(dag_id, "validate") for dag_id in ingest_ids()}


@pytest.mark.parametrize("dag_id", ["maintenance", "ingest__dpg_registry"])
def test_unpausing_starts_no_run_for_a_time_that_has_passed(dagbag: DagBag, dag_id: str) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    dag = dagbag.dags[dag_id]
    assert not dag.catchup
    earliest: Any = dag.start_date
    restriction = TimeRestriction(earliest=earliest, latest=None, catchup=False)
    first = coerce_to_core_timetable(dag.timetable).next_dagrun_info(
        last_automated_data_interval=None, restriction=restriction
    )
    assert first is not None
    assert first.run_after > datetime.now(UTC) - timedelta(minutes=6)


def test_every_dag_explains_itself_and_tells_its_failures(dagbag: DagBag) -> None:
    from warehouse_dags.failures import tell_failure

    for dag in dagbag.dags.values():
        assert dag.doc_md is not None
        assert "red**" in dag.doc_md, f"{dag.dag_id} doesn't say what to do when it fails"
        assert dag.description
        assert dag.tags
        assert dag.max_active_runs == 1
        assert dag.on_failure_callback is tell_failure
        for task in dag.tasks:
            assert task.owner == "data-engineering"
            assert task.on_failure_callback == [tell_failure]


def test_only_what_a_repeat_can_mend_is_tried_again(dagbag: DagBag) -> None:
    registry = dagbag.dags["ingest__dpg_registry"].task_dict
    assert registry["land"].retries == 3
    assert registry["land"].retry_exponential_backoff > 1
    assert registry["validate"].retries == 0
    assert dagbag.dags["build_marts"].task_dict["build"].retries == 1


def test_the_trigger_form_names_and_explains_each_field(dagbag: DagBag) -> None:
    params = dagbag.dags["ingest__dpg_owners_survey"].params
    assert set(params) == {"wave", "as_of", "from", "force"}
    for name in params:
        param = params.get_param(name)
        assert param.schema["title"]
        assert param.description
    assert params.get_param("wave").schema["enum"] == [None, "2022", "2023", "2024"]


@pytest.mark.parametrize(("name", "value"), [("wave", "1999"), ("as_of", "yesterday"), ("force", "yes")])
def test_the_trigger_form_refuses_what_makes_no_sense(dagbag: DagBag, name: str, value: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    param = dagbag.dags["ingest__dpg_owners_survey"].params.get_param(name)
    with pytest.raises(ParamValidationError):
        param.resolve(value)


@pytest.mark.parametrize("file", sorted(path.name for path in DAGS.glob("*.py")))
def test_parsing_imports_nothing_heavy(file: str, airflow_home: Path) -> None:
    code = (
        f"import sys, runpy; sys.path.append({str(DAGS)!r}); runpy.run_path({str(DAGS / file)!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    environment = {**os.environ, "AIRFLOW_HOME": str(airflow_home)}
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.strip().splitlines()[-1] == "[]"
