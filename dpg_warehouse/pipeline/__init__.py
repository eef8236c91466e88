"""The path: fetch, land, validate, accept; then build, check, publish. DAGs and command line call these."""

from dpg_warehouse.pipeline.building import build
from dpg_warehouse.pipeline.loading import (
    backfill,
    ingest,
    ingest_all,
    land,
    load_by_id,
    plan,
    today,
    validate,
    withdraw,
)
from dpg_warehouse.pipeline.looking import overview, refused_loads, why_refused

__all__ = [
    "backfill",
    "build",
    "ingest",
    "ingest_all",
    "land",
    "load_by_id",
    "overview",
    "plan",
    "refused_loads",
    "today",
    "validate",
    "why_refused",
    "withdraw",
]
