"""Credentials of sources: Airflow's connection of that id, else the environment's."""

from __future__ import annotations

from urllib.parse import urlsplit

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from dpg_warehouse.configuration import Source
from dpg_warehouse.credentials import connection_id, credentials_from_environment, login_of
from dpg_warehouse.records import Credentials, UsageError


def credentials_of(source: Source, wave_id: str | None) -> Credentials | None:
    """What the pull's server wants; None where it wants nothing."""
    name = connection_id(source, wave_id)
    if name is None:
        return None
    try:
        return from_connection(Connection.get(name))
    except AirflowNotFoundException:
        return credentials_from_environment(name)


def from_connection(connection: Connection) -> Credentials:
    """The server's address, the token (the connection's password) and the login, where one is needed."""
    host = connection.host
    if not host or not connection.password:
        raise UsageError(
            f"The Airflow connection {connection.conn_id} needs a host, and the token as its password."
        )
    address = urlsplit(host if "://" in host else f"{connection.schema or 'https'}://{host}")
    port = f":{connection.port}" if connection.port else ""
    base_url = f"{address.scheme}://{address.netloc}{port}{address.path.rstrip('/')}"
    return Credentials(base_url, connection.password, login_of(connection.login))
