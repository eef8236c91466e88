"""Runs dbt on frozen inputs: what a build reads is settled before its first model runs."""

from dpg_warehouse.modelling.builds import (
    Build,
    Target,
    build_lock,
    end_build,
    freeze_inputs,
    record_results,
)
from dpg_warehouse.modelling.dbt import AFTER_FIGURES, BEFORE_FIGURES, DbtProject, empty_logs
from dpg_warehouse.modelling.schemas import (
    drop_as_of_schemas,
    drop_old_as_of_schemas,
    empty_derived_tables,
    make_as_of_schemas,
)

__all__ = [
    "AFTER_FIGURES",
    "BEFORE_FIGURES",
    "Build",
    "DbtProject",
    "Target",
    "build_lock",
    "drop_as_of_schemas",
    "drop_old_as_of_schemas",
    "empty_derived_tables",
    "empty_logs",
    "end_build",
    "freeze_inputs",
    "make_as_of_schemas",
    "record_results",
]
