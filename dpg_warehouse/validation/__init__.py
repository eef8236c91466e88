"""The gates: Great Expectations suites on one load, or on the marts of one build, inside Postgres."""

from dpg_warehouse.validation.gate import validate_build, validate_load
from dpg_warehouse.validation.suites import Suite, read_suite, suite_folder
from dpg_warehouse.validation.verdicts import record_verdict, sentence

__all__ = [
    "Suite",
    "read_suite",
    "record_verdict",
    "sentence",
    "suite_folder",
    "validate_build",
    "validate_load",
]
