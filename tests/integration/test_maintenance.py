"""Vacuum as the roles that own tables, and which loads wait for a build."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.maintenance import vacuum_tables
from dpg_warehouse.settings import Settings
from dpg_warehouse.waiting import loads_waiting


@pytest.mark.every_server
def test_vacuum_reaches_every_table_of_landing_and_ops(warehouse: Settings) -> None:
    with engine(warehouse, Role.LOADER).connect() as connection:
        tables = set(
            connection.scalars(
                text(
                    "select schemaname || '.' || tablename from pg_tables "
                    "where schemaname in ('landing', 'ops') and tablename <> 'alembic_version'"
                )
            )
        )
    assert tables
    assert tables <= set(vacuum_tables(warehouse))


def test_a_load_waits_until_a_build_that_read_it_is_published(warehouse: Settings) -> None:
    with engine(warehouse, Role.LOADER).begin() as connection:
        for as_of in ("2024-01-31", "2024-02-29"):
            connection.execute(
                text(
                    "insert into ops.loads (source_id, feed, as_of, status, code_version) "
                    "values ('dpg_registry', 'api', cast(:as_of as date), 'accepted', 'test')"
                ),
                {"as_of": as_of},
            )
    first, second = 1, 2
    assert loads_waiting(warehouse, [second, first]) == (first, second)
    _publish_with(warehouse, first)
    assert loads_waiting(warehouse, [first, second]) == (second,)
    _publish_with(warehouse, second)
    assert loads_waiting(warehouse, [first, second]) == (first,), "the last publish went without it"


def test_a_rejected_load_waits_for_nothing(warehouse: Settings) -> None:
    with engine(warehouse, Role.LOADER).begin() as connection:
        connection.execute(
            text(
                "insert into ops.loads (source_id, status, code_version) "
                "values ('dpg_registry', 'rejected', 'test')"
            )
        )
    assert loads_waiting(warehouse, [1]) == ()


def _publish_with(warehouse: Settings, load_id: int) -> None:
    with engine(warehouse, Role.TRANSFORMER).begin() as connection:
        build_id: int = connection.execute(
            text(
                "insert into ops.builds (status, inputs_hash, code_version) "
                "values ('published', 'h', 'test') returning build_id"
            )
        ).scalar_one()
        connection.execute(
            text(
                "insert into ops.build_inputs (build_id, source_id, load_id, feed, as_of, config_hash) "
                "select :build_id, source_id, load_id, feed, as_of, 'h' "
                "from ops.loads where load_id = :load_id"
            ),
            {"build_id": build_id, "load_id": load_id},
        )
        connection.execute(
            text(
                "insert into ops.publish_log (publish_id, code_version, row_counts, duration_s) "
                "values (:build_id, 'test', '{}', 0)"
            ),
            {"build_id": build_id},
        )
