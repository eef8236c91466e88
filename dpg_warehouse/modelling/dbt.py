"""Calls dbt in this process: one task builds, and what it said of each model is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from dpg_warehouse.modelling.builds import Target
from dpg_warehouse.records import ModelResult, WarehouseError
from dpg_warehouse.settings import PROJECT_ROOT, Settings

PROJECT = PROJECT_ROOT / "dbt_project"


# A build is two runs of dbt: between them the figures that SQL alone can't give are worked out, and
# what stands on these tables is modelled after them. Every test belongs to exactly one of the runs.
# Unit tests look at fixed rows, which no load changes: the project's own tests run them.
_STANDS_ON_FIGURES = "source:figures+"
BEFORE_FIGURES = ("build", "--exclude-resource-type=unit_test", f"--exclude={_STANDS_ON_FIGURES}")
AFTER_FIGURES = ("build", "--exclude-resource-type=unit_test", f"--select={_STANDS_ON_FIGURES}")
UNIT_TESTS = ("test", "--select=test_type:unit")


class DbtProject:
    """The project as dbt reads it, to be run several times as the role of `url`.

    It is parsed once: a second of each run's work otherwise.
    """

    def __init__(self, settings: Settings, url: URL, target: Target) -> None:
        """Parse the project; raise WarehouseError where dbt cannot read it."""
        self._settings, self._url, self._target = settings, url, target
        self.log = _log_folder(settings) / "dbt.log"
        self._manifest: Any = None
        self._manifest = self._invoke(("parse",), [])

    def run(
        self, command: tuple[str, ...], on_progress: Callable[[str, int, int], None]
    ) -> tuple[ModelResult, ...]:
        """Run one command; returns a result for each model and test.

        `on_progress(name, done, total)` is called after each. Raises WarehouseError where dbt cannot
        even start, since then there are no results.
        """
        found = self._invoke(command, [_progress(on_progress)])
        return tuple(_result(result) for result in found.results)

    def _invoke(self, command: tuple[str, ...], callbacks: list[Callable[[Any], None]]) -> Any:
        from dbt.cli.main import dbtRunner

        with _environment(_variables(self._settings, self._url, self._target)):
            runner = dbtRunner(manifest=self._manifest, callbacks=callbacks)
            outcome = runner.invoke(_arguments(self._settings, self._target, command))
        # A parse gives the manifest, a run its results, of which there are some if anything ran.
        if outcome.result is None or getattr(outcome.result, "results", True) in (None, []):
            said = _first_line(outcome.exception)
            raise WarehouseError(f"dbt could not start: {said} (log: {self.log})")
        return outcome.result


def empty_logs(settings: Settings) -> None:
    """Empty dbt's logs, where a failed statement may have left the row that it failed on."""
    for log in _log_folder(settings).glob("*.log*"):
        log.write_bytes(b"")


def _log_folder(settings: Settings) -> Path:
    return settings.home / "logs" / "dbt"


def _arguments(settings: Settings, target: Target, command: tuple[str, ...]) -> list[str]:
    return [
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        "--no-use-colors",
        "--no-write-json",  # what dbt says is kept in ops.dbt_results
        "--log-level=none",
        "--log-level-file=info",
        f"--log-path={_log_folder(settings)}",
        *command,
        f"--project-dir={PROJECT}",
        f"--profiles-dir={PROJECT}",
        f"--target={target.name}",
        f"--target-path={settings.home / 'dbt' / target.name}",
    ]


def _variables(settings: Settings, url: URL, target: Target) -> Mapping[str, str]:
    return {
        "DPGW_DBT_HOST": url.host or "",
        "DPGW_DBT_PORT": str(url.port or 5432),
        "DPGW_DBT_USER": url.username or "",
        "DPGW_DBT_PASSWORD": str(url.password or ""),
        "DPGW_DBT_DATABASE": url.database or "",
        "DPGW_DBT_SCHEMA_PREFIX": target.schema_prefix,
        "DPGW_MIN_BASE": str(settings.min_base),
        "DPGW_MIN_CELL": str(settings.min_cell),
        "DO_NOT_TRACK": "1",
    }


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """dbt's profile reads the environment; nothing of it stays behind."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _progress(on_progress: Callable[[str, int, int], None]) -> Callable[[Any], None]:
    counts = {"done": 0, "total": 0}

    def on_event(event: Any) -> None:
        if event.info.name == "ConcurrencyLine":
            counts["total"] = event.data.node_count
        if event.info.name == "NodeFinished":
            counts["done"] += 1
            on_progress(event.data.node_info.node_name, counts["done"], counts["total"])

    return on_event


def _result(result: Any) -> ModelResult:
    rows = (result.adapter_response or {}).get("rows_affected")
    return ModelResult(
        unique_id=result.node.unique_id,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        seconds=round(result.execution_time, 3),
        schema=getattr(result.node, "schema", None),
        rows_affected=rows if isinstance(rows, int) and rows >= 0 else None,
        failures=result.failures,
        message=_first_line(result.message) if str(result.status) not in ("success", "pass") else None,
    )


def _first_line(message: object) -> str:
    """Postgres writes values of a row into the DETAIL of an error: they are not taken along."""
    lines = [line.strip() for line in str(message or "").splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith(("DETAIL", "CONTEXT", "compiled code"))]
    # What Postgres quotes may be a value: `invalid input syntax for type numeric: "…"`.
    return re.sub(r'"[^"]*"', '"…"', " ".join(kept[:3]))[:500]
