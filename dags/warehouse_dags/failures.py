"""How a failure is told: one sentence for the person on duty, and no value of any record."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from dpg_warehouse.records import PassingError, WarehouseError

log = logging.getLogger(__name__)


class ServerUnavailableError(AirflowException):
    """A source, or the warehouse, could not be reached; the task's retries will try again."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the warehouse's errors into Airflow's: only what may pass by itself is worth a retry."""
    try:
        yield
    except PassingError as error:
        raise ServerUnavailableError(str(error)) from error
    except WarehouseError as error:
        raise AirflowFailException(str(error)) from error


def tell_failure(context: Context) -> None:
    """The failure callback of every DAG and task: what failed, why, and where to look."""
    task = context.get("ti")
    where = f"{task.dag_id}.{task.task_id}" if task else context["dag"].dag_id
    look = task.log_url if task else "the run's page"
    log.error("%s failed in run %s: %s Look at %s.", where, context.get("run_id"), _why(context), look)


def _why(context: Context) -> str:
    """The reason, if it is a sentence of our own: another error's text may hold a record's values."""
    error = context.get("exception")
    if isinstance(error, AirflowFailException | ServerUnavailableError):
        return str(error)
    if isinstance(error, BaseException):
        return f"{type(error).__name__}."
    return f"{context.get('reason') or 'see the tasks'}."
