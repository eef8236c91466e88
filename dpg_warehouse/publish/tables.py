"""`DELETE` and `INSERT` of every mart in one transaction.

Readers see the old or the new publish and never half of one, and a grant, a comment or a view of
theirs outlives it. Renames and TRUNCATE were measured and tear (docs/decisions/0003).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from dpg_warehouse import __version__
from dpg_warehouse.publish.shape import follow_contract, forbid_nulls, quoted
from dpg_warehouse.records import WarehouseError

log = logging.getLogger(__name__)

STAGE = "marts_build"
TARGET = "marts"
PUBLISH_LOCK = 0x44505055


@dataclass(frozen=True)
class Published:
    """What a publish wrote."""

    publish_id: int
    row_counts: dict[str, int]
    duration_s: float


def publish(
    engine: Engine,
    build_id: int,
    marts: Sequence[str],
    also: Callable[[Connection], None] = lambda _connection: None,
) -> Published:
    """Copy the marts of a checked build from marts_build to marts, and log it; all or nothing.

    `also` does what must happen in the same transaction.

    `marts` are the names of the tables that the build made. A table that an earlier publish wrote
    and this project no longer has is dropped. Raises WarehouseError where the build isn't `checked`.
    """
    started = time.monotonic()
    with engine.begin() as connection:
        _claim(connection, build_id)
        _drop_former(connection, marts)
        counts = {}
        for mart in sorted(marts):
            columns = follow_contract(connection, STAGE, TARGET, mart)
            counts[mart] = _replace_rows(connection, mart, columns)
            forbid_nulls(connection, STAGE, TARGET, mart)
        published = Published(build_id, counts, time.monotonic() - started)
        _log(connection, published)
        also(connection)
    _vacuum(engine, marts)
    return published


def _claim(connection: Connection, build_id: int) -> None:
    """Publishes follow one another, and none publishes what another build has written meanwhile.

    A build that lost its lock, with the connection that held it, was marked as failed by the next.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": PUBLISH_LOCK})
    claimed = connection.execute(
        text("""
            update ops.builds set status = 'published', finished_at = now()
            where build_id = :build_id and status = 'checked'
        """),
        {"build_id": build_id},
    )
    if claimed.rowcount != 1:
        raise WarehouseError(f"Build {build_id} is not a checked build any more; build again.")


def _replace_rows(connection: Connection, mart: str, columns: Sequence[str]) -> int:
    table, names = quoted(mart), ", ".join(quoted(column) for column in columns)
    connection.execute(text(f"delete from {TARGET}.{table}"))  # noqa: S608 - quoted names of our own tables
    statement = f"insert into {TARGET}.{table} ({names}) select {names} from {STAGE}.{table}"  # noqa: S608
    return connection.execute(text(statement)).rowcount


def _drop_former(connection: Connection, marts: Sequence[str]) -> None:
    former: list[str] = list(
        connection.execute(
            text("""
            select distinct mart
            from ops.publish_log
            cross join lateral jsonb_object_keys(row_counts) as mart
            inner join pg_tables on schemaname = :target and tablename = mart
            where mart <> all(cast(:marts as text[]))
        """),
            {"target": TARGET, "marts": list(marts)},
        ).scalars()
    )
    for mart in former:
        connection.execute(text(f"drop table {TARGET}.{quoted(mart)}"))


def _log(connection: Connection, published: Published) -> None:
    connection.execute(
        text("""
            insert into ops.publish_log (publish_id, code_version, row_counts, duration_s)
            values (:publish_id, :code_version, cast(:row_counts as jsonb), :duration_s)
        """),
        {
            "publish_id": published.publish_id,
            "code_version": __version__,
            "row_counts": json.dumps(published.row_counts),
            "duration_s": published.duration_s,
        },
    )


def _vacuum(engine: Engine, marts: Sequence[str]) -> None:
    """Give the deleted rows' space back and tell the planner what is there now.

    What was published stays published if this fails: `maintenance` vacuums as well.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for mart in marts:
                connection.execute(text(_vacuum_statement(mart)))
    except SQLAlchemyError as error:
        log.warning("The marts are published but not vacuumed: %s", type(error).__name__)


def _vacuum_statement(mart: str) -> str:
    return f"vacuum (analyze) {TARGET}.{quoted(mart)}"
