"""The tests' own Postgres servers: an embedded one, and a PostgreSQL 15 where the system has it."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import URL

from dpg_warehouse import database
from dpg_warehouse.logins import Login
from dpg_warehouse.migrations import migrate, privileges
from dpg_warehouse.runtime import postgres
from dpg_warehouse.runtime.cluster import HOST, SERVER_SETTINGS, Cluster
from dpg_warehouse.runtime.system_user import choose_system_user
from dpg_warehouse.settings import Settings

EMBEDDED = "embedded"
POSTGRES_15 = "postgres_15"
PARSED = "partial_parse.msgpack"  # dbt's name for it
TEMPLATE = "migrated"
# The tests' data need not survive a power cut.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


@cache
def system_programs() -> Path | None:
    """The folder of an installed PostgreSQL 15's programs."""
    for folder in (Path("/usr/lib/postgresql/15/bin"), Path("/usr/pgsql-15/bin")):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - no shell
    return Path(found).resolve().parent if " 15." in said.stdout else None


def new_cluster(folder: Path, programs: Path, superuser: Login) -> Cluster:
    """A cluster of a test's own, made but not started."""
    folder.mkdir(parents=True, exist_ok=True)
    user = choose_system_user(folder, programs / "postgres")
    cluster = Cluster(
        folder, programs, folder / "log", user, ("--locale=C.UTF-8",), {**SERVER_SETTINGS, **CARELESS}
    )
    cluster.create(superuser)
    return cluster


def programs_of(server_name: str) -> Path:
    """Where the programs of the named server are."""
    found = postgres.wheel_programs() if server_name == EMBEDDED else system_programs()
    if found is None:
        raise RuntimeError("PostgreSQL 15 is not installed")
    return found


def _copy(file: Path, to: Path) -> None:
    if file.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, to)


@dataclass(frozen=True)
class Migrated:
    """A running server that has a migrated template database."""

    home: Path
    superuser_url: URL

    def execute(self, *statements: str) -> None:
        """Run statements as the superuser, outside any transaction."""
        url = self.superuser_url.set(drivername="postgresql", database="postgres")
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def url_of(self, name: str) -> str:
        """The superuser's URL of a database."""
        return self.superuser_url.set(database=name).render_as_string(hide_password=False)


class Servers:
    """Starts each server when the first test asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._migrated: dict[str, Migrated] = {}
        self._clusters: list[Cluster] = []
        self._names: set[str] = set()

    def embedded_settings(self) -> Settings:
        """The settings of the embedded server, started as `dpgw up` starts it."""
        self.server(EMBEDDED)
        return self._settings(self._folder / EMBEDDED)

    @contextmanager
    def clean_database(self, server_name: str, home: Path) -> Iterator[Settings]:
        """The settings of a fresh copy of the migrated database, dropped afterwards.

        What dbt parsed is kept for the next database of that name, which dbt takes for the same one.
        """
        server = self.server(server_name)
        name = next(name for n in itertools.count(1) if (name := f"test_{n}") not in self._names)
        self._names.add(name)
        server.execute(f"create database {name} template {TEMPLATE}")
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(server.home / "logins.json", home)
        parsed, kept = home / "dbt" / "main" / PARSED, self._folder / f"{server_name}_{name}_{PARSED}"
        _copy(kept, parsed)
        own = self._settings(home, server.url_of(name))
        with database.engine_of(database.owner_url(own)).begin() as connection:
            privileges.grant_database(connection)
        yield own
        database.engine_of.cache_clear()
        server.execute(f"drop database {name} with (force)")
        _copy(parsed, kept)
        self._names.remove(name)

    def server(self, server_name: str) -> Migrated:
        """The named server, started and migrated."""
        if server_name not in self._migrated:
            start = self._start_embedded if server_name == EMBEDDED else self._start_system
            server = start(self._folder / server_name)
            server.execute(f"create database {TEMPLATE}")
            migrate(self._settings(server.home, server.url_of(TEMPLATE)))
            self._migrated[server_name] = server
        return self._migrated[server_name]

    def stop(self) -> None:
        """Stop what was started."""
        postgres.stop(self._settings(self._folder / EMBEDDED))
        for cluster in self._clusters:
            cluster.stop()

    def _start_embedded(self, home: Path) -> Migrated:
        own = self._settings(home)
        postgres.start(own)
        migrate(own)
        server = Migrated(home, database.owner_url(own))
        changes = [f"alter system set {name} = '{value}'" for name, value in CARELESS.items()]
        server.execute(*changes, "select pg_reload_conf()")
        return server

    def _start_system(self, home: Path) -> Migrated:
        superuser = Login("superuser", "password-of-a-test")
        cluster = new_cluster(home, programs_of(POSTGRES_15), superuser)
        port = postgres.free_port()
        cluster.start(port)
        self._clusters.append(cluster)
        url = URL.create(database.DRIVER, superuser.user, superuser.password, HOST, port, "postgres")
        return Migrated(home, url)

    @staticmethod
    def _settings(home: Path, warehouse_url: str | None = None) -> Settings:
        return replace(Settings.from_environment({}), home=home, warehouse_url=warehouse_url)
