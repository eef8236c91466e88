"""Publishing: readers see the old or the new publish, whole, under grants that last."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from dpg_warehouse import publish
from dpg_warehouse.database import Role, engine
from dpg_warehouse.publish import tables
from dpg_warehouse.records import WarehouseError
from dpg_warehouse.settings import Settings
from tests.queries import rows, value

pytestmark = pytest.mark.every_server

MARTS = ("dim_thing", "trend_thing")
PUBLISHES, READERS, ROWS = 50, 3, 300


def build(settings: Settings, count: int, *, extra: str = "", key: str = "thing_id") -> int:
    """Make two marts in marts_build that must agree in number and publish_id; return the build's id."""
    with engine(settings, Role.TRANSFORMER).begin() as connection:
        build_id: int = connection.execute(
            text("""
                insert into ops.builds (status, inputs_hash, code_version) values ('checked', '', 'test')
                returning build_id
            """)
        ).scalar_one()
        for mart in MARTS:
            statements = f"""
                drop table if exists marts_build.{mart};
                create table marts_build.{mart} (
                    publish_id bigint not null, thing_id integer not null, label text {extra},
                    primary key ({key})
                );
                insert into marts_build.{mart} (publish_id, thing_id, label)
                select {build_id}, n, 'thing' from generate_series(1, {count}) as n;
                comment on table marts_build.{mart} is 'Things, publish {build_id}.';
                comment on column marts_build.{mart}.label is 'What it is called.';
            """
            connection.exec_driver_sql(statements)
    return build_id


def publish_build(settings: Settings, count: int, **shape: str) -> int:
    build_id = build(settings, count, **shape)
    publish.publish(engine(settings, Role.TRANSFORMER), build_id, MARTS)
    return build_id


def test_a_publish_replaces_the_rows_and_is_logged(warehouse: Settings) -> None:
    publish_build(warehouse, 3)
    second = publish_build(warehouse, 5)
    seen = "select count(*), min(publish_id), max(publish_id) from marts.dim_thing"
    assert rows(warehouse, seen, Role.BI_READER) == [(5, second, second)]
    logged = rows(warehouse, "select publish_id, row_counts from ops.publish_log order by 1 desc limit 1")
    assert logged == [(second, {"dim_thing": 5, "trend_thing": 5})]
    assert value(warehouse, "select status from ops.builds where build_id = :b", b=second) == "published"


def test_comments_keys_and_grants_are_those_of_the_contract(warehouse: Settings) -> None:
    second = [publish_build(warehouse, 1) for _ in range(2)][-1]
    about = (
        "select obj_description('marts.dim_thing'::regclass), col_description('marts.dim_thing'::regclass, 3)"
    )
    assert rows(warehouse, about, Role.BI_READER) == [(f"Things, publish {second}.", "What it is called.")]
    key = "select count(*) from pg_constraint where conrelid = 'marts.dim_thing'::regclass and contype = 'p'"
    assert value(warehouse, key, Role.TRANSFORMER) == 1
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows(warehouse, "select 1 from marts_build.dim_thing", Role.BI_READER)


def test_a_changed_contract_alters_the_table_and_keeps_its_views(warehouse: Settings) -> None:
    publish_build(warehouse, 3)
    with engine(warehouse, Role.TRANSFORMER).begin() as connection:
        connection.execute(text("create view marts.my_things as select thing_id from marts.dim_thing"))
    publish_build(warehouse, 4, extra=", colour text not null default 'green'", key="thing_id, publish_id")
    columns = """
        select column_name, is_nullable from information_schema.columns
        where table_schema = 'marts' and table_name = 'dim_thing' and column_name = 'colour'
    """
    assert rows(warehouse, columns, Role.BI_READER) == [("colour", "NO")]
    assert value(warehouse, "select count(*) from marts.my_things", Role.BI_READER) == 4
    publish_build(warehouse, 2)
    assert rows(warehouse, columns, Role.BI_READER) == []
    assert value(warehouse, "select count(*) from marts.my_things", Role.BI_READER) == 2


def test_a_mart_that_is_no_more_is_dropped_and_other_tables_stay(warehouse: Settings) -> None:
    publish_build(warehouse, 1)
    with engine(warehouse, Role.TRANSFORMER).begin() as connection:
        connection.execute(text("create table marts.notes_of_somebody (n integer)"))
    publish.publish(engine(warehouse, Role.TRANSFORMER), build(warehouse, 1), MARTS[:1])
    tables = "select tablename from pg_tables where schemaname = 'marts' order by 1"
    assert rows(warehouse, tables) == [("dim_thing",), ("notes_of_somebody",)]


def test_a_build_that_lost_its_lock_is_not_published(warehouse: Settings) -> None:
    """Another build has marked it as failed, and may be writing marts_build at this moment."""
    first = publish_build(warehouse, 3)
    late = build(warehouse, 5)
    with engine(warehouse, Role.TRANSFORMER).begin() as connection:
        connection.execute(
            text("update ops.builds set status = 'failed' where build_id = :build_id"), {"build_id": late}
        )
    with pytest.raises(WarehouseError, match="not a checked build any more"):
        publish.publish(engine(warehouse, Role.TRANSFORMER), late, MARTS)
    assert rows(warehouse, "select count(*), max(publish_id) from marts.dim_thing", Role.BI_READER) == [
        (3, first)
    ]


def test_a_vacuum_that_fails_leaves_the_build_published(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tables, "_vacuum_statement", lambda _mart: "vacuum (nonsense) marts.dim_thing")
    published = publish_build(warehouse, 3)
    assert value(warehouse, "select status from ops.builds where build_id = :b", b=published) == "published"
    assert "not vacuumed" in caplog.text


def test_a_publish_that_fails_leaves_the_published_rows_as_they_were(warehouse: Settings) -> None:
    first = publish_build(warehouse, 3)
    broken = build(warehouse, 4)
    with pytest.raises(LookupError, match="made no table"):
        publish.publish(engine(warehouse, Role.TRANSFORMER), broken, (*MARTS, "trend_unmade"))
    for mart in MARTS:
        assert rows(warehouse, f"select count(*), max(publish_id) from marts.{mart}", Role.BI_READER) == [
            (3, first)
        ]


def test_readers_see_no_torn_publish(warehouse: Settings) -> None:
    """Readers join two marts that must agree, all the while fifty publishes go by."""
    publish_build(warehouse, ROWS)
    done = threading.Event()
    torn: list[object] = []
    reads = [0] * READERS

    def read(reader: int) -> None:
        query = text("""
            select
                (select count(*) from marts.dim_thing),
                (select count(*) from marts.trend_thing),
                (select count(distinct publish_id) from marts.dim_thing),
                (select max(publish_id) from marts.dim_thing)
                    = (select min(publish_id) from marts.trend_thing)
        """)
        with engine(warehouse, Role.BI_READER).connect() as connection:
            while not done.is_set():
                try:
                    seen = tuple(connection.execute(query).one())
                except Exception as error:  # noqa: BLE001 - whatever a reader meets is a finding
                    torn.append(error)
                    return
                connection.rollback()
                reads[reader] += 1
                if seen != (ROWS, ROWS, 1, True):
                    torn.append(seen)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for _ in range(PUBLISHES):
        publish_build(warehouse, ROWS)
    done.set()
    for thread in threads:
        thread.join()
    assert torn == []
    assert min(reads) > 0


def test_two_publishes_at_once_follow_one_another(warehouse: Settings) -> None:
    publish_build(warehouse, ROWS)
    build_id = build(warehouse, ROWS)
    other = build_id + 1
    with engine(warehouse, Role.TRANSFORMER).begin() as connection:
        connection.execute(
            text("insert into ops.builds (status, inputs_hash, code_version) values ('checked', '', 'test')")
        )
    failures: list[Exception] = []

    def run(number: int) -> None:
        try:
            publish.publish(engine(warehouse, Role.TRANSFORMER), number, MARTS)
        except Exception as error:  # noqa: BLE001 - reported by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in (build_id, other)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert failures == []
    assert value(warehouse, "select count(*) from marts.dim_thing", Role.BI_READER) == ROWS
