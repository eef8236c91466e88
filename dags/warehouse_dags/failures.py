"""How a failure is told: one sentence for the person on duty, and no value of any record."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from sqlalchemy.exc import SQLAlchemyError

from dpg_warehouse.records import PassingError, WarehouseError

log = logging.getLogger(__name__)


class ServerUnavailableError(AirflowException):
    """A source, or the warehouse, could not be reached; the task's retries will try again."""


class StatementFailedError(AirflowException):
    """Postgres refused a statement; the task's retries will try again."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the warehouse's errors into Airflow's: only what may pass by itself is worth a retry.

    What Postgres says of a failed statement quotes the row that it failed on, so the log gets the places
    in the code and not the words.
    """
    try:
        yield
    except PassingError as error:
        raise ServerUnavailableError(str(error)) from error
    except WarehouseError as error:
        raise AirflowFailException(str(error)) from error
    except (psycopg.Error, SQLAlchemyError) as error:
        log.error("%s at\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        raise StatementFailedError(
            f"Postgres refused a statement ({type(error).__name__}); the same command by hand, with "
            "--debug, tells more."
        ) from None


def tell_failure(context: Context) -> None:
    """The failure callback of every DAG and task: what failed, why, and where to look."""
    task = context.get("ti")
    where = f"{task.dag_id}.{task.task_id}" if task else context["dag"].dag_id
    look = task.log_url if task else "the run's page"
    log.error("%s failed in run %s: %s Look at %s.", where, context.get("run_id"), _why(context), look)


def _why(context: Context) -> str:
    """The reason, if it is a sentence of our own: another error's text may hold a record's values."""
    error = context.get("exception")
    if isinstance(error, AirflowFailException | ServerUnavailableError | StatementFailedError):
        return str(error)
    if isinstance(error, BaseException):
        return f"{type(error).__name__}."
    return f"{context.get('reason') or 'see the tasks'}."
