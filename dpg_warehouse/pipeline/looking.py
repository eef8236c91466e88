"""What is there: sources, loads, builds, and why a load was refused."""

from __future__ import annotations

from typing import Any

from dpg_warehouse import landing
from dpg_warehouse.database import Role, engine
from dpg_warehouse.pipeline.loading import today
from dpg_warehouse.settings import Settings


def overview(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Sources with their newest loads, freshness in days, and the last builds."""
    with engine(settings, Role.LOADER).connect() as connection:
        fresh = landing.overview.newest_accepted(connection)
        return {
            "loads": landing.overview.last_loads(connection),
            "freshness": [row | {"age_days": (today() - row["latest_as_of"]).days} for row in fresh],
            "builds": landing.overview.last_builds(connection),
        }


def refused_loads(settings: Settings) -> list[dict[str, Any]]:
    """Loads that are rejected or held and wait for somebody."""
    with engine(settings, Role.LOADER).connect() as connection:
        return landing.overview.refused_loads(connection)


def why_refused(settings: Settings, load_id: int) -> dict[str, Any]:
    """Status and reason of a load, the rules that it breaks, and its faults by kind."""
    with engine(settings, Role.LOADER).connect() as connection:
        load = landing.find_load(connection, load_id)
        return {
            "status": load.status.value,
            "reason": load.later_refusal or load.reason,
            "rules": landing.overview.broken_rules(connection, load_id),
            "faults": landing.overview.faults(connection, load_id),
        }
