"""On the worker's path alone: what every task would import, imported once before the workers fork."""

import dbt.cli.main  # noqa: F401
import great_expectations  # noqa: F401
