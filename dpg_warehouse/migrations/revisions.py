"""The revisions of landing and ops, run by Alembic without an ini file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from dpg_warehouse.database import Role
from dpg_warehouse.records import WarehouseError

VERSION_SCHEMA = "ops"


def upgrade(connection: Connection) -> str:
    """Run the revisions that the database lacks, as the role that will own the tables."""
    config, script = _scripts()
    connection.execute(text(f"set local role {Role.LOADER.user}"))

    def steps_to_head(current: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs("head", current)

    with EnvironmentContext(config, script, fn=steps_to_head) as env:
        env.configure(connection=connection, version_table_schema=VERSION_SCHEMA, transactional_ddl=True)
        env.run_migrations()
    connection.execute(text("reset role"))
    return str(script.get_current_head())


def refuse_newer_database(connection: Connection) -> None:
    """Raise where a later version of the code has already migrated this database."""
    if connection.scalar(text("select to_regclass('ops.alembic_version')")) is None:
        return
    context = MigrationContext.configure(connection, opts={"version_table_schema": VERSION_SCHEMA})
    current = context.get_current_revision()
    _, script = _scripts()
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise WarehouseError(
            f"The database is at revision {current}, which this code does not know; install the newer code."
        )


def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)
