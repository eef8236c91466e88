"""What a failure tells the person on duty, and what it keeps to itself; and where credentials come from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from dpg_warehouse.records import UsageError

pytestmark = pytest.mark.usefixtures("airflow_home")

TOKEN = "made-up"  # noqa: S105
TASK = SimpleNamespace(dag_id="ingest__dpg_registry", task_id="validate", log_url="http://localhost/log")


def told(caplog: pytest.LogCaptureFixture, **context: Any) -> str:
    from warehouse_dags.failures import tell_failure

    own: Any = {"run_id": "manual__1", "dag": SimpleNamespace(dag_id="build_marts"), **context}
    tell_failure(own)
    return caplog.records[-1].getMessage()


def test_a_failure_is_told_with_task_reason_and_place(caplog: pytest.LogCaptureFixture) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    message = told(caplog, ti=TASK, exception=AirflowFailException("Load 7 is rejected: no name."))
    assert message == (
        "ingest__dpg_registry.validate failed in run manual__1: Load 7 is rejected: no name. "
        "Look at http://localhost/log."
    )


def test_an_unforeseen_error_is_told_without_the_values_in_its_text(caplog: pytest.LogCaptureFixture) -> None:
    message = told(caplog, ti=TASK, exception=ValueError("Key (email)=(ada@example.org) is there twice"))
    assert "ValueError." in message
    assert "example.org" not in message


def test_what_postgres_says_of_a_row_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    import traceback

    from warehouse_dags.failures import StatementFailedError, told_plainly

    error = psycopg.errors.NotNullViolation("null value\nDETAIL: Failing row contains (ada@example.org).")
    with pytest.raises(StatementFailedError) as failed, told_plainly():
        raise error
    printed = "".join(traceback.format_exception(failed.value))
    assert "NotNullViolation" in printed
    assert "test_failures.py" in caplog.text  # where it happened
    assert "example.org" not in printed + caplog.text + told(caplog, ti=TASK, exception=failed.value)


def test_a_failed_run_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    assert told(caplog, reason="task_failure").startswith(
        "build_marts failed in run manual__1: task_failure."
    )


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"host": "kobo.example.org"}, "https://kobo.example.org"),
        ({"host": "kobo.example.org", "schema": "http", "port": 8081}, "http://kobo.example.org:8081"),
        ({"host": "https://kobo.example.org/"}, "https://kobo.example.org"),
        ({"host": "https://lime.example.org/rpc/", "port": 8443}, "https://lime.example.org:8443/rpc"),
    ],
)
def test_a_connection_gives_address_and_token(parts: dict[str, Any], expected: str) -> None:
    from airflow.sdk import Connection
    from warehouse_dags.connections import from_connection

    credentials = from_connection(Connection(conn_id="kobo", conn_type="http", password=TOKEN, **parts))
    assert credentials.base_url == expected
    assert credentials.token == TOKEN
    assert TOKEN not in repr(credentials)


@pytest.mark.parametrize(
    ("login", "expected"), [("puller@example.org", "puller@example.org"), ("token", None), (None, None)]
)
def test_a_connections_login_is_the_user_but_for_the_word_token(
    login: str | None, expected: str | None
) -> None:
    from airflow.sdk import Connection
    from warehouse_dags.connections import from_connection

    connection = Connection(conn_id="odk", conn_type="http", host="h", login=login, password=TOKEN)
    credentials = from_connection(connection)
    assert (credentials.login, credentials.token) == (expected, TOKEN)
    assert "puller" not in repr(credentials)


def test_a_connection_without_a_token_is_refused() -> None:
    from airflow.sdk import Connection
    from warehouse_dags.connections import from_connection

    with pytest.raises(UsageError, match="the token as its password"):
        from_connection(Connection(conn_id="kobo", conn_type="http", host="kobo.example.org"))


def test_without_a_connection_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException
    from warehouse_dags.connections import credentials_of

    from dpg_warehouse.configuration import read_sources
    from dpg_warehouse.settings import Settings

    def missing(_conn_id: str) -> Any:
        raise AirflowNotFoundException("not defined")

    monkeypatch.setattr(Connection, "get", missing)
    survey = read_sources(Settings.from_environment({}).source_roots)["dpg_owners_survey"]
    assert credentials_of(survey, "2022") is None
    assert credentials_of(survey, "2024") is None
    monkeypatch.setenv("DPGW_CONN_KOBO_DEMO", "http://token:s3cret@127.0.0.1:8081")
    credentials = credentials_of(survey, "2024")
    assert credentials is not None
    assert credentials.base_url == "http://127.0.0.1:8081"
