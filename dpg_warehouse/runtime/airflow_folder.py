"""The folder that AIRFLOW_HOME names: configuration with its generated keys, all readable by us alone."""

from __future__ import annotations

import base64
import json
import secrets
from configparser import RawConfigParser
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dpg_warehouse.logins import Login, ensure_logins, file_lock, write_private
from dpg_warehouse.runtime.cluster import HOST
from dpg_warehouse.runtime.postgres import AIRFLOW, Server
from dpg_warehouse.settings import PROJECT_ROOT, Settings

PAGE_LOGIN = "airflow_page"

# Tasks fork from the scheduler, so what it has imported they need not import: that takes a run of two
# tasks from 11.5 s to 4.4 s. Any other component would only start later for it.
LOCAL_SETTINGS = '''\
"""Written by dpg_warehouse; imported by every component of Airflow."""

import sys

if {"scheduler", "celery"} & set(sys.argv[:3]):
    import dbt.cli.main
    import great_expectations
'''


@dataclass(frozen=True)
class AirflowFolder:
    """One Airflow of ours: where its files are and how its page is reached."""

    path: Path
    port: int
    login: Login

    @property
    def url(self) -> str:
        """The address of Airflow's page and API."""
        return f"http://{HOST}:{self.port}"


def page_login(settings: Settings) -> Login:
    """The login of Airflow's page, generated on first use."""
    return ensure_logins(settings.home, {PAGE_LOGIN: "admin"})[PAGE_LOGIN]


def last_port(settings: Settings) -> int | None:
    """The port of Airflow's page as last configured."""
    file = settings.home / "airflow" / "airflow.cfg"
    if not file.exists():
        return None
    parser = RawConfigParser()
    parser.read(file, encoding="utf-8")
    return parser.getint("api", "port")


def write_folder(settings: Settings, server: Server, port: int) -> tuple[AirflowFolder, bool]:
    """Write the folder's files; the second value is whether the configuration is another than before."""
    path = settings.home / "airflow"
    path.mkdir(parents=True, exist_ok=True)
    login = page_login(settings)
    file = path / "airflow.cfg"
    text = _configuration(settings, path, server, port)
    has_changed = not file.exists() or file.read_text(encoding="utf-8") != text
    if has_changed:
        write_private(file, text)
    write_private(path / "page_passwords.json", json.dumps({login.user: login.password}))
    write_private(path / "config" / "airflow_local_settings.py", LOCAL_SETTINGS)
    return AirflowFolder(path, port, login), has_changed


def _configuration(settings: Settings, path: Path, server: Server, port: int) -> str:
    login, keys = ensure_logins(settings.home, {})[AIRFLOW], _keys(path)
    address = f"http://{HOST}:{port}"
    logs = settings.home / "logs" / "airflow"
    parser = RawConfigParser()
    parser.read_dict(
        {
            "core": {
                "dags_folder": PROJECT_ROOT / "dags",
                "executor": "LocalExecutor",
                "parallelism": 4,  # so many workers are forked at once
                "load_examples": False,
                "dags_are_paused_at_creation": True,
                "fernet_key": keys["fernet"],
                "simple_auth_manager_users": "admin:admin",
                "simple_auth_manager_passwords_file": path / "page_passwords.json",
                "execution_api_server_url": f"{address}/execution/",
                "hostname_callable": "socket.gethostname",  # asks no name server
            },
            "database": {
                "sql_alchemy_conn": f"postgresql+psycopg2://{login.user}:{login.password}"
                f"@{server.host}:{server.port}/{AIRFLOW}",
                "load_default_connections": False,
            },
            "api": {
                "host": HOST,
                "port": port,
                "base_url": address,
                "workers": 1,
                "secret_key": keys["secret"],
            },
            "api_auth": {"jwt_secret": keys["jwt"]},
            "dag_processor": {
                "refresh_interval": 20,  # a new file is seen after that many seconds, not after 300
                "parsing_processes": 1,
            },
            "logging": {
                "base_log_folder": logs,
                "dag_processor_child_process_log_directory": logs / "dag_processor",
                "colored_console_log": False,
            },
            "usage_data_collection": {"enabled": False},
        }
    )
    text = StringIO()
    text.write("# Written by dpg_warehouse at each start; changes are lost.\n")
    parser.write(text)
    return text.getvalue()


def _keys(path: Path) -> dict[str, str]:
    """The keys that encrypt connections and sign tokens, generated once."""
    file = path / "keys.json"
    with file_lock(path / "keys.lock"):
        if not file.exists():
            keys = {
                "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "secret": secrets.token_urlsafe(48),
                "jwt": secrets.token_urlsafe(48),
            }
            write_private(file, json.dumps(keys))
        stored: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return stored
