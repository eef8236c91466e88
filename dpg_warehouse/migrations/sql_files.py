"""How a revision runs its SQL file."""

from __future__ import annotations

from pathlib import Path

from alembic import op

VERSIONS = Path(__file__).parent / "versions"


def run_sql_file(name: str) -> None:
    """Run a file of `versions` as it stands, in the migration's transaction.

    The driver runs it directly: SQLAlchemy would take `%` and `:name` in it for parameters.
    """
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError("The migration has no connection to the database.")
    connection.execute((VERSIONS / name).read_text(encoding="utf-8"))
