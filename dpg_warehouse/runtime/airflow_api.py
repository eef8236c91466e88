"""A client of the local Airflow's REST API: what the demo asks of it and no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from dpg_warehouse.logins import Login
from dpg_warehouse.records import JsonObject, WarehouseError


@dataclass
class AirflowApi:
    """Speaks to one Airflow; `log_in` first."""

    url: str
    login: Login
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the client; the local server is never reached through a proxy."""
        self._client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def health(self) -> dict[str, str]:
        """Each component's status; empty while the server does not answer."""
        try:
            # Asked for the first time, the part that tasks speak to takes seconds to get ready: here, while
            # other components start, and not later, when the first tasks would wait for it.
            self._client.get("/execution/health")
            answer = self._client.get("/api/v2/monitor/health")
            answer.raise_for_status()
        except httpx.HTTPError:
            return {}
        return {name: str((entry or {}).get("status")) for name, entry in answer.json().items()}

    def log_in(self) -> None:
        """Get a token for what follows."""
        body = {"username": self.login.user, "password": self.login.password}
        token = self._ask("POST", "/auth/token", body)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def has_dag(self, dag_id: str) -> bool:
        """Whether Airflow has read the DAG's file."""
        return self._client.get(f"/api/v2/dags/{dag_id}").status_code == httpx.codes.OK

    def is_paused(self, dag_id: str) -> bool:
        """Whether a DAG is paused."""
        return bool(self._ask("GET", f"/api/v2/dags/{dag_id}")["is_paused"])

    def import_errors(self) -> list[str]:
        """The DAG files that Airflow could not import, with the last line of why."""
        entries = self._ask("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{entry['filename']}: {entry['stack_trace'].strip().splitlines()[-1]}" for entry in entries]

    def pause(self, dag_id: str, is_paused: bool) -> None:
        """Pause or unpause a DAG."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": is_paused})

    def trigger(self, dag_id: str, conf: JsonObject) -> str:
        """Start a run; return its id."""
        return str(
            self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})[
                "dag_run_id"
            ]
        )

    def run_state(self, dag_id: str, run_id: str) -> str:
        """The state of a run: queued, running, success or failed."""
        return str(self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def runs(self, dag_id: str) -> list[str]:
        """The ids of a DAG's newest runs, newest first."""
        found = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit=50")
        return [run["dag_run_id"] for run in found["dag_runs"]]

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """The states of a run's tasks, by the task's id."""
        entries = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {entry["task_id"]: str(entry["state"]) for entry in entries}

    def put_connection(self, connection: JsonObject) -> None:
        """Create a connection, or change it where it exists."""
        name = connection["connection_id"]
        exists = self._client.get(f"/api/v2/connections/{name}").status_code == httpx.codes.OK
        if exists:
            self._ask("PATCH", f"/api/v2/connections/{name}", connection)
        else:
            self._ask("POST", "/api/v2/connections", connection)

    def _ask(self, method: str, path: str, body: JsonObject | None = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise WarehouseError(
                f"Airflow's API at {self.url} does not answer ({type(error).__name__})."
            ) from error
        if answer.is_error:
            # The request's body may hold a secret, the answer's may repeat it.
            raise WarehouseError(f"Airflow's API refused {method} {path}: HTTP {answer.status_code}.")
        return answer.json()
