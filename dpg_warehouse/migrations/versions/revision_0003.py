"""Releases of waves."""

from dpg_warehouse.migrations.sql_files import run_sql_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of releases."""
    run_sql_file("0003_releases.sql")
