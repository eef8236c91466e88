"""Landing and ops as they first were."""

from dpg_warehouse.migrations.sql_files import run_sql_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of landing and ops."""
    run_sql_file("0001_landing_and_ops.sql")
