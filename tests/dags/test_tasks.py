"""What the tasks make of the pipeline's answers: green, skipped or red, announced or not."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dpg_warehouse import pipeline, waiting
from dpg_warehouse.configuration import Source, read_sources
from dpg_warehouse.database import ServerUnavailableError as DatabaseUnavailableError
from dpg_warehouse.records import (
    BuildOutcome,
    Load,
    LoadStatus,
    PassingTransportError,
    TransportError,
    UsageError,
)
from dpg_warehouse.settings import Settings

LOAD = Load(7, "dpg_registry", "api", None, date(2024, 1, 31), LoadStatus.LANDED, None, None, 27, 0, 1)
ACCEPTED = replace(LOAD, status=LoadStatus.ACCEPTED)

pytestmark = pytest.mark.usefixtures("airflow_home")


class Events(dict[Any, Any]):
    """The outlet events of a task, as Airflow hands them out."""

    def __missing__(self, asset: Any) -> Any:
        from airflow.sdk.definitions.asset import AssetUniqueKey
        from airflow.sdk.execution_time.context import OutletEventAccessor

        self[asset] = OutletEventAccessor(key=AssetUniqueKey.from_asset(asset))
        return self[asset]


def context(kind: str = "manual", logical_date: datetime | None = None, **params: Any) -> dict[str, Any]:
    run_after = datetime(2024, 2, 3, 4, tzinfo=UTC)
    return {
        "params": {"wave": None, "as_of": None, "from": None, "force": False, **params},
        "dag_run": SimpleNamespace(
            run_type=SimpleNamespace(value=kind), logical_date=logical_date, run_after=run_after
        ),
        "outlet_events": Events(),
        "triggering_asset_events": {},
    }


def run(monkeypatch: pytest.MonkeyPatch, task: str, own: dict[str, Any], *arguments: Any) -> Any:
    """Call a task's function in a run's context."""
    import build_marts
    import ingest

    module = build_marts if task == "build" else ingest
    monkeypatch.setattr(module, "get_current_context", lambda: own)
    return getattr(module, task).function(*arguments)


def answer(monkeypatch: pytest.MonkeyPatch, function: str, value: Any) -> None:
    """Let a function of the pipeline give a value, or raise an error."""

    def give(*_arguments: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setattr(pipeline, function, give)


@pytest.fixture
def registry() -> Source:
    return read_sources(Settings.from_environment({}).source_roots)["dpg_registry"]


def test_a_newly_accepted_load_is_announced_with_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse_dags.assets import ACCEPTED_LOADS

    answer(monkeypatch, "load_by_id", LOAD)
    answer(monkeypatch, "validate", replace(ACCEPTED, newly_accepted=True))
    own = context()
    run(monkeypatch, "validate", own, "dpg_registry", 7)
    event = own["outlet_events"][ACCEPTED_LOADS]
    assert event.partition_keys == {"2024-01-31"}
    assert event.extra == {
        "load_id": 7,
        "source_id": "dpg_registry",
        "wave": None,
        "as_of": "2024-01-31",
        "received_count": 27,
        "new_payload_count": 1,
    }


def test_a_load_that_was_accepted_before_is_skipped_and_so_not_announced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    answer(monkeypatch, "load_by_id", ACCEPTED)
    answer(monkeypatch, "validate", ACCEPTED)
    monkeypatch.setattr(waiting, "loads_waiting", lambda *_: ())
    with pytest.raises(AirflowSkipException, match="nothing is new"):
        run(monkeypatch, "validate", context(), "dpg_registry", 7)


def test_an_acceptance_that_a_crash_left_unannounced_is_announced_by_the_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from warehouse_dags.assets import ACCEPTED_LOADS

    answer(monkeypatch, "load_by_id", ACCEPTED)
    answer(monkeypatch, "validate", ACCEPTED)
    monkeypatch.setattr(waiting, "loads_waiting", lambda *_: (7,))
    own = context()
    run(monkeypatch, "validate", own, "dpg_registry", 7)
    assert own["outlet_events"][ACCEPTED_LOADS].extra["load_id"] == 7


def test_one_file_is_never_pulled_into_every_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    answer(monkeypatch, "land", LOAD)
    asked: dict[str, Any] = {"from": "wave4.csv", "force": True}
    own = context(**asked)
    with pytest.raises(AirflowFailException, match="name the wave too"):
        run(monkeypatch, "land", own, "dpg_owners_survey", "2023")


def test_a_rejected_load_fails_for_good_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    rejected = replace(LOAD, status=LoadStatus.REJECTED, reason="2 records have no name.")
    answer(monkeypatch, "load_by_id", LOAD)
    answer(monkeypatch, "validate", rejected)
    with pytest.raises(AirflowFailException, match=r"Load 7 is rejected: 2 records have no name\."):
        run(monkeypatch, "validate", context(), "dpg_registry", 7)


def test_a_wave_that_was_not_asked_for_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    with pytest.raises(AirflowSkipException, match="Wave 2023 was not asked for"):
        run(monkeypatch, "land", context(wave="2022"), "dpg_owners_survey", "2023")


def test_a_broken_transport_is_worth_a_retry_and_a_wrong_request_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from airflow.sdk.exceptions import AirflowFailException
    from warehouse_dags.failures import ServerUnavailableError

    answer(monkeypatch, "land", TransportError("The token was refused."))
    with pytest.raises(AirflowFailException, match="refused"):
        run(monkeypatch, "land", context(), "dpg_registry", None)
    answer(monkeypatch, "land", DatabaseUnavailableError("Postgres does not answer."))
    with pytest.raises(ServerUnavailableError, match="Postgres"):
        run(monkeypatch, "land", context(), "dpg_registry", None)
    answer(monkeypatch, "land", PassingTransportError("The source broke off."))
    with pytest.raises(ServerUnavailableError, match="broke off"):
        run(monkeypatch, "land", context(), "dpg_registry", None)
    answer(monkeypatch, "land", UsageError("A live source has no past."))
    with pytest.raises(AirflowFailException, match="no past"):
        run(monkeypatch, "land", context(), "dpg_registry", None)


def test_land_hands_on_the_load_and_logs_its_figures(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer(monkeypatch, "land", LOAD)
    with caplog.at_level(logging.INFO):
        assert run(monkeypatch, "land", context(), "dpg_registry", None) == 7
    assert "27 records received, 1 of them new" in caplog.text


OUTCOME = BuildOutcome(3, "published", None, {"publish_info": 1}, 2.0)


def triggered(*load_ids: int) -> dict[str, Any]:
    from warehouse_dags.assets import ACCEPTED_LOADS

    events = [SimpleNamespace(extra={"load_id": load_id}) for load_id in load_ids]
    return {**context("asset_triggered"), "triggering_asset_events": {ACCEPTED_LOADS: events}}


def test_build_publishes_loads_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "build", OUTCOME)
    monkeypatch.setattr(waiting, "loads_waiting", lambda _settings, load_ids: tuple(load_ids))
    assert run(monkeypatch, "build", triggered(7)) == {"publish_info": 1}


def test_build_is_skipped_when_another_build_has_published_its_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    answer(monkeypatch, "build", AssertionError("nothing is to be built"))
    monkeypatch.setattr(waiting, "loads_waiting", lambda _settings, _load_ids: ())
    with pytest.raises(AirflowSkipException, match="7, 8"):
        run(monkeypatch, "build", triggered(8, 7))


def test_a_build_that_a_person_starts_is_never_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "build", OUTCOME)
    monkeypatch.setattr(waiting, "loads_waiting", lambda _settings, _load_ids: ())
    assert run(monkeypatch, "build", context()) == {"publish_info": 1}


def test_a_refused_build_fails_for_good_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    answer(monkeypatch, "build", replace(OUTCOME, status="refused", reason="Shares exceed 1."))
    with pytest.raises(AirflowFailException, match=r"marts are unchanged: Shares exceed 1\."):
        run(monkeypatch, "build", context())


def test_the_form_s_date_is_the_pull_s(registry: Source) -> None:
    from warehouse_dags.trigger_form import asked_date

    own: Any = context("scheduled", as_of="2023-11-30")
    assert asked_date(own, registry) == date(2023, 11, 30)


def test_a_scheduled_run_asks_a_live_server_for_today(registry: Source) -> None:
    from warehouse_dags.trigger_form import asked_date

    own: Any = context("scheduled", datetime(2024, 2, 3, 4, tzinfo=UTC))
    assert asked_date(own, registry) is None


def test_a_scheduled_run_asks_a_folder_of_dated_files_for_its_own_date(
    registry: Source, tmp_path: Path
) -> None:
    from warehouse_dags.trigger_form import asked_date

    own: Any = context("scheduled", datetime(2024, 2, 3, 4, tzinfo=UTC), **{"from": str(tmp_path)})
    assert asked_date(own, registry) == date(2024, 2, 3)


def test_a_backfill_asks_for_its_own_date_of_a_live_server_too(registry: Source) -> None:
    from warehouse_dags.trigger_form import asked_date

    own: Any = context("backfill", datetime(2024, 1, 31, 4, tzinfo=UTC))
    assert asked_date(own, registry) == date(2024, 1, 31)


def test_a_run_without_a_logical_date_stands_for_when_it_was_due() -> None:
    from warehouse_dags.trigger_form import run_date

    assert run_date(context()["dag_run"]) == date(2024, 2, 3)
