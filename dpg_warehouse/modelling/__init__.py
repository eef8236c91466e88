"""Runs dbt on frozen inputs: what a build reads is settled before its first model runs."""

from dpg_warehouse.modelling.builds import Build, build_lock, end_build, freeze_inputs, record_results
from dpg_warehouse.modelling.dbt import run_dbt

__all__ = ["Build", "build_lock", "end_build", "freeze_inputs", "record_results", "run_dbt"]
