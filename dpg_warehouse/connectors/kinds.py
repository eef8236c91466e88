"""The kinds of source: each is one module of this package, found by looking, never listed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import dpg_warehouse.connectors
from dpg_warehouse.configuration import Source, Wave
from dpg_warehouse.connectors.http import HttpPolicy
from dpg_warehouse.connectors.personal_data import Protection
from dpg_warehouse.records import Credentials, Pull, PullRequest, UsageError


@dataclass(frozen=True)
class Assignment:
    """All that a connector may know: what to pull, from whom, under which rules, and today's date."""

    source: Source
    request: PullRequest
    protection: Protection
    credentials: Credentials | None
    today: date
    policy: HttpPolicy

    def needed_credentials(self, wave: Wave, user: str) -> Credentials:
        """The credentials of a wave's server; raise UsageError saying how to give them to `user`."""
        if self.credentials is None:
            variable = f"DPGW_CONN_{(wave.connection or '').upper()}"
            raise UsageError(
                f"Wave {wave.wave_id} needs the Airflow connection {wave.connection}, or "
                f"{variable}=https://{user}:SECRET@host."
            )
        return self.credentials


Connector = Callable[[Assignment], Pull]
_CONNECTORS: dict[str, Connector] = {}


def connector(*kinds: str) -> Callable[[Connector], Connector]:
    """Declare a function as the connector of these kinds (`registry`, or a wave's `connector`)."""

    def declare(function: Connector) -> Connector:
        for kind in kinds:
            if _CONNECTORS.setdefault(kind, function) is not function:
                raise RuntimeError(f"two connectors declare the kind {kind!r}")
        return function

    return declare


def connector_of(kind: str) -> Connector:
    """The connector of a kind; raise UsageError naming the known ones."""
    for module in pkgutil.iter_modules(dpg_warehouse.connectors.__path__, "dpg_warehouse.connectors."):
        importlib.import_module(module.name)
    if kind not in _CONNECTORS:
        raise UsageError(f"There is no connector {kind!r}; known are: {', '.join(sorted(_CONNECTORS))}.")
    return _CONNECTORS[kind]
