"""What AIRFLOW_HOME holds: loopback only, no examples, no usage data, secrets for us alone."""

from __future__ import annotations

import json
import stat
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from dpg_warehouse.logins import ensure_logins, read_logins
from dpg_warehouse.runtime.airflow_folder import LOCAL_SETTINGS, last_port, write_folder
from dpg_warehouse.runtime.postgres import USERS, Server
from dpg_warehouse.settings import PROJECT_ROOT, Settings

SERVER = Server("127.0.0.1", 5433)


@pytest.fixture
def settings(offline_settings: Settings) -> Settings:
    ensure_logins(offline_settings.home, USERS)
    return offline_settings


def written(settings: Settings) -> RawConfigParser:
    write_folder(settings, SERVER, 8081)
    parser = RawConfigParser()
    parser.read(settings.home / "airflow" / "airflow.cfg")
    return parser


def test_it_serves_the_projects_dags_on_loopback_alone(settings: Settings) -> None:
    config = written(settings)
    assert config.get("api", "host") == "127.0.0.1"
    assert Path(config.get("core", "dags_folder")) == PROJECT_ROOT / "dags"
    assert config.getboolean("core", "dags_are_paused_at_creation")
    assert not config.getboolean("core", "load_examples")
    assert not config.getboolean("usage_data_collection", "enabled")


def test_its_secrets_are_readable_by_us_alone(settings: Settings) -> None:
    written(settings)
    files = [path for path in (settings.home / "airflow").rglob("*") if path.is_file()]
    open_files = {path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert open_files <= {"keys.lock"}


def test_its_keys_stay_the_same_and_differ_between_installations(settings: Settings, tmp_path: Path) -> None:
    first = written(settings)
    assert written(settings).items("api_auth") == first.items("api_auth")
    other = Settings(tmp_path / "other", None, (), None, 10, 3)
    ensure_logins(other.home, USERS)
    assert written(other).get("core", "fernet_key") != first.get("core", "fernet_key")


def test_a_moved_server_changes_the_configuration(settings: Settings) -> None:
    assert write_folder(settings, SERVER, 8081)[1]
    assert not write_folder(settings, SERVER, 8081)[1]
    assert write_folder(settings, Server("127.0.0.1", 5434), 8081)[1]
    assert last_port(settings) == 8081


def test_the_pages_password_is_the_one_that_is_shown(settings: Settings) -> None:
    folder, _ = write_folder(settings, SERVER, 8081)
    stored = json.loads((folder.path / "page_passwords.json").read_text())
    assert stored == {folder.login.user: folder.login.password}
    assert read_logins(settings.home)["airflow_page"] == folder.login
    assert folder.login.password not in repr(folder)


@pytest.mark.parametrize(
    ("arguments", "is_preloaded"),
    [
        (["-m", "scheduler", "--skip-serve-logs"], True),
        (["airflow", "celery", "worker"], True),
        (["airflow", "dag-processor"], False),
        (["airflow", "api-server"], False),
        (["airflow", "triggerer"], False),
    ],
)
def test_heavy_modules_are_preloaded_where_tasks_fork(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], is_preloaded: bool
) -> None:
    imported: list[str] = []

    def note(name: str, *_: object) -> object:
        imported.append(name)
        return sys

    monkeypatch.setattr(sys, "argv", arguments)
    exec(LOCAL_SETTINGS, {"__builtins__": {"__import__": note, "set": set}})  # noqa: S102 - our own text
    assert ("great_expectations" in imported) == is_preloaded
    assert ("dbt.cli.main" in imported) == is_preloaded
