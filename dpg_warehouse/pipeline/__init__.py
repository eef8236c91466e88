"""The path: fetch, land, validate, accept; then build, check, publish. DAGs and command line call these."""

from dpg_warehouse.pipeline.building import as_of_schema, build, drop_old_as_of_schemas
from dpg_warehouse.pipeline.forgetting import Forgotten, Found, find_respondent, forget
from dpg_warehouse.pipeline.judging import judge_again
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
    "Forgotten",
    "Found",
    "as_of_schema",
    "backfill",
    "build",
    "drop_old_as_of_schemas",
    "find_respondent",
    "forget",
    "ingest",
    "ingest_all",
    "judge_again",
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
