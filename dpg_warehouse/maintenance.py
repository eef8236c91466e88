"""Upkeep: what may be deleted after a while, and the vacuum of the warehouse's tables."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.settings import Settings

_OWN_TABLES = text(
    """
    select schemaname, tablename
    from pg_catalog.pg_tables
    where tableowner = current_user
    order by 1, 2
"""
)


def delete_old_files(folder: Path, before: datetime) -> int:
    """Delete the files below `folder` that were last written before that time; gives how many.

    Folders that this empties, and old empty ones, go too; a young one may be a starting task's. A
    symbolic link is never followed; it goes when its target is gone.
    """
    count = 0
    for root, folders, files in os.walk(folder, topdown=False):
        was_old, before_here = _is_old(Path(root), before), count
        for path in (Path(root) / name for name in files):
            if _is_old(path, before):
                path.unlink(missing_ok=True)
                count += 1
        for path in Path(root).iterdir():
            if path.is_symlink() and not path.exists():
                path.unlink(missing_ok=True)
        if Path(root) != folder and (was_old or count > before_here or folders):
            # Somebody may write here at this moment; then the folder stays.
            with suppress(OSError):
                Path(root).rmdir()
    return count


def delete_old_data_docs(folder: Path, before: datetime) -> int:
    """Delete the Data Docs of runs that ended before that time, but of each suite's last; gives how many.

    `folder` holds one folder a suite, and in it one a run, named by its number.
    """
    count = 0
    for suite in sorted(path for path in folder.glob("*") if path.is_dir()):
        runs = sorted((path for path in suite.iterdir() if path.name.isdecimal()), key=lambda p: int(p.name))
        for run in runs[:-1]:
            if _is_old(run, before):
                shutil.rmtree(run)
                count += 1
    return count


def vacuum_tables(settings: Settings) -> tuple[str, ...]:
    """Vacuum and analyze every table of the roles that own tables; gives the tables' names.

    Each role does its own: Postgres skips a table whose owner is another.
    """
    vacuumed: list[str] = []
    for role in (Role.LOADER, Role.TRANSFORMER):
        vacuumed += _vacuum_as(settings, role)
    return tuple(vacuumed)


def _vacuum_as(settings: Settings, role: Role) -> list[str]:
    with engine(settings, role).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        quote = connection.dialect.identifier_preparer.quote
        tables = [(row.schemaname, row.tablename) for row in connection.execute(_OWN_TABLES)]
        for schema, table in tables:
            connection.execute(text(f"vacuum (analyze) {quote(schema)}.{quote(table)}"))
    return [f"{schema}.{table}" for schema, table in tables]


def _is_old(path: Path, before: datetime) -> bool:
    """Whether it was last written before that time; what has gone meanwhile is not."""
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC) < before
    except FileNotFoundError:
        return False
