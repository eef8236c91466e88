"""What the ledger of responses needs: fields that landed, tombstones, corrected records for gate 1."""

from dpg_warehouse.migrations.sql_files import run_sql_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the ledger's columns, tables and view."""
    run_sql_file("0002_ledger.sql")
