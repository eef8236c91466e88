"""What `migrate` leaves behind: who owns, who may read, and when it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from dpg_warehouse import database
from dpg_warehouse.database import Role
from dpg_warehouse.logins import Login, read_logins
from dpg_warehouse.migrations import migrate, privileges, revisions
from dpg_warehouse.records import WarehouseError
from dpg_warehouse.runtime import postgres
from dpg_warehouse.runtime.cluster import HOST
from dpg_warehouse.settings import Settings
from tests.servers_postgres import new_cluster, programs_of

SUPERUSER = Login("superuser", "password-of-a-test")
OWNER = Login("project_owner", "password-of-an-owner")


def may(settings: Settings, role: Role, statement: str) -> bool:
    """Whether the role may run a statement, which is rolled back."""
    with database.engine(settings, role).connect() as connection:
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            if "permission denied" not in str(error.orig):
                raise
            return False
        return True


def run(settings: Settings, role: Role, *statements: str) -> None:
    with database.engine(settings, role).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.every_server
def test_loader_writes_landing_and_ops_and_nothing_else(warehouse: Settings) -> None:
    assert may(warehouse, Role.LOADER, "delete from landing.payloads")
    assert may(warehouse, Role.LOADER, "delete from ops.loads")
    assert not may(warehouse, Role.LOADER, "create table marts.stranger (id integer)")


@pytest.mark.every_server
@pytest.mark.parametrize("table", privileges.BUILD_TABLES)
def test_transformer_writes_what_a_build_records(warehouse: Settings, table: str) -> None:
    assert may(warehouse, Role.TRANSFORMER, f"delete from ops.{table}")


@pytest.mark.every_server
@pytest.mark.parametrize("table", ["landing.payloads", "landing.memberships", "ops.loads"])
def test_transformer_reads_what_was_landed_but_cannot_change_it(warehouse: Settings, table: str) -> None:
    assert may(warehouse, Role.TRANSFORMER, f"select * from {table}")
    assert not may(warehouse, Role.TRANSFORMER, f"delete from {table}")


@pytest.mark.every_server
@pytest.mark.parametrize("schema", ["staging", "intermediate", "marts_build", "marts"])
def test_transformer_owns_what_it_builds(warehouse: Settings, schema: str) -> None:
    assert may(warehouse, Role.TRANSFORMER, f"create table {schema}.built (id integer)")


@pytest.mark.every_server
def test_tables_built_later_are_readable_by_their_readers_alone(warehouse: Settings) -> None:
    for schema in ("staging", "intermediate", "marts_build", "marts"):
        run(warehouse, Role.TRANSFORMER, f"create table {schema}.built as select 1 as id")
    readable = {
        role: {
            schema
            for schema in ("staging", "intermediate", "marts_build", "marts")
            if may(warehouse, role, f"select id from {schema}.built")
        }
        for role in (Role.ANALYST, Role.BI_READER)
    }
    assert readable == {Role.ANALYST: {"intermediate", "marts"}, Role.BI_READER: {"marts"}}


@pytest.mark.every_server
@pytest.mark.parametrize("role", [Role.ANALYST, Role.BI_READER])
def test_readers_see_neither_landing_nor_ops(warehouse: Settings, role: Role) -> None:
    assert not may(warehouse, role, "select 1 from landing.payloads")
    assert not may(warehouse, role, "select 1 from ops.loads")


@pytest.mark.every_server
def test_bi_reader_cannot_write_even_after_it_turned_its_defaults_off(warehouse: Settings) -> None:
    run(warehouse, Role.TRANSFORMER, "create table marts.built as select 1 as id")
    with database.engine(warehouse, Role.BI_READER).connect() as connection:
        assert connection.scalar(text("show default_transaction_read_only")) == "on"
        assert connection.scalar(text("show statement_timeout")) == "1min"
        connection.rollback()
        connection.execute(text("set session characteristics as transaction read write"))
        connection.commit()
        for statement in (
            "delete from marts.built",
            "create table marts.stranger (id integer)",
            "create table public.stranger (id integer)",
            "create temporary table stranger (id integer)",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(statement))
            connection.rollback()


@pytest.mark.every_server
def test_tables_of_a_later_revision_are_readable_by_the_transformer(warehouse: Settings) -> None:
    run(warehouse, Role.LOADER, "create table ops.later (id integer)")
    assert may(warehouse, Role.TRANSFORMER, "select * from ops.later")


@pytest.mark.every_server
def test_repeated_migration_keeps_rows_and_passwords(warehouse: Settings) -> None:
    run(
        warehouse,
        Role.LOADER,
        "insert into ops.loads (source_id, status, code_version) values ('a', 'opened', '1')",
    )
    logins = read_logins(warehouse.home)
    assert migrate(warehouse) == migrate(warehouse)
    assert read_logins(warehouse.home) == logins
    assert may(warehouse, Role.LOADER, "select 1 / count(*) from ops.loads")


@pytest.mark.every_server
def test_simultaneous_migrations_of_an_empty_database_both_succeed(owned: Settings) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(migrate, [owned, owned])
    assert first == second
    assert may(owned, Role.LOADER, "select * from ops.loads")


@pytest.mark.every_server
def test_an_owner_without_superuser_can_migrate(owned: Settings) -> None:
    migrate(owned)
    run(owned, Role.TRANSFORMER, "create table marts.built as select 1 as id")
    assert may(owned, Role.BI_READER, "select * from marts.built")
    migrate(owned)


@pytest.mark.every_server
def test_an_owner_who_may_not_create_roles_is_told_so(owned: Settings, superuser: Connection) -> None:
    superuser.execute(text(f"alter role {OWNER.user} nocreaterole"))
    with pytest.raises(WarehouseError, match="give it CREATEROLE"):
        migrate(owned)


def test_a_database_newer_than_the_code_is_refused(warehouse: Settings) -> None:
    run(warehouse, Role.LOADER, "update ops.alembic_version set version_num = '9999'")
    with pytest.raises(WarehouseError, match=r"revision 9999.*install the newer code"):
        migrate(warehouse)


def test_a_failing_revision_leaves_the_database_as_it_was(
    owned: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Connection) -> str:
        connection.execute(text("select 1 / 0"))
        raise AssertionError("division by zero was possible")

    monkeypatch.setattr(revisions, "upgrade", fail)
    with pytest.raises(WarehouseError, match="changed nothing: division by zero"):
        migrate(owned)
    with database.engine_of(database.owner_url(owned)).connect() as connection:
        assert connection.scalar(text("select to_regnamespace('landing')")) is None


def test_an_older_server_is_refused(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpg_warehouse.migrations.OLDEST_SERVER", 99)
    with pytest.raises(WarehouseError, match=r"is PostgreSQL \d+; the warehouse needs 99 or newer"):
        migrate(warehouse)


@pytest.fixture
def superuser(server_name: str, tmp_path: Path) -> Iterator[Connection]:
    """A superuser of a cluster of this test's own, in which no role of the warehouse exists yet."""
    cluster = new_cluster(tmp_path / "cluster", programs_of(server_name), SUPERUSER)
    port = postgres.free_port()
    cluster.start(port)
    url = URL.create(database.DRIVER, SUPERUSER.user, SUPERUSER.password, HOST, port, "postgres")
    engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    cluster.stop()


@pytest.fixture
def owned(superuser: Connection, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an owner who is no superuser, has CREATEROLE and owns an empty database."""
    superuser.execute(text(f"create role {OWNER.user} login createrole password '{OWNER.password}'"))
    superuser.execute(text(f"create database warehouse owner {OWNER.user}"))
    url = superuser.engine.url.set(username=OWNER.user, password=OWNER.password, database="warehouse")
    yield replace(
        Settings.from_environment({}),
        home=tmp_path / "home",
        warehouse_url=url.set(drivername="postgresql").render_as_string(hide_password=False),
    )
    database.engine_of.cache_clear()
