"""The embedded server: started twice, killed, moved to another port, asked by strangers."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from dpg_warehouse.database import Role
from dpg_warehouse.logins import read_logins
from dpg_warehouse.records import UsageError, WarehouseError
from dpg_warehouse.runtime import postgres, system_user
from dpg_warehouse.runtime.postgres import Server
from dpg_warehouse.settings import Settings

pytestmark = pytest.mark.server


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    settings = replace(Settings.from_environment({}), home=tmp_path / "home")
    yield settings
    postgres.stop(settings)


def ask(
    settings: Settings, server: Server, query: str, name: str = "owner", database: str = "warehouse"
) -> str:
    login = read_logins(settings.home)[name]
    with psycopg.connect(
        host=server.host, port=server.port, user=login.user, password=login.password, dbname=database
    ) as connection:
        row = connection.execute(query.encode()).fetchone()
    return "" if row is None else str(row[0])


def server_process(settings: Settings) -> psutil.Process:
    pid_file = settings.home / "postgres" / "data" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))


def test_started_twice_it_is_one_server(own: Settings) -> None:
    first = postgres.start(own)
    process = server_process(own)
    assert postgres.start(own) == first == postgres.running_server(own)
    assert server_process(own) == process
    assert ask(own, first, "show server_version").startswith("18.")


def test_stopped_it_leaves_no_process_and_its_data_remain(own: Settings) -> None:
    server = postgres.start(own)
    process = server_process(own)
    family = [process, *process.children(recursive=True)]
    assert postgres.stop(own)
    assert not any(member.is_running() for member in family)
    assert not postgres.stop(own)
    assert postgres.running_server(own) is None
    assert postgres.start(own) == server
    assert (
        ask(own, server, "select count(*) from pg_database where datname in ('warehouse', 'airflow')") == "2"
    )


def test_it_comes_back_after_a_kill(own: Settings) -> None:
    server = postgres.start(own)
    server_process(own).send_signal(signal.SIGKILL)
    server_process(own).wait(5)
    assert ask(own, postgres.start(own), "select 'alive'") == "alive"
    assert postgres.running_server(own) == server


def test_it_comes_back_after_a_reboot_gave_its_number_to_another_process(own: Settings) -> None:
    postgres.start(own)
    pid_file = own.home / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text()
    postgres.stop(own)
    pid_file.write_text(lines.replace(lines.splitlines()[0], str(os.getpid()), 1))
    assert ask(own, postgres.start(own), "select 'alive'") == "alive"


def test_it_takes_another_port_where_its_own_is_occupied(own: Settings) -> None:
    first = postgres.start(own)
    postgres.stop(own)
    with socket.socket() as occupant:
        occupant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupant.bind((first.host, first.port))
        occupant.listen()
        second = postgres.start(own)
    assert second.port != first.port
    assert ask(own, second, "select 'alive'") == "alive"


def test_a_port_that_was_asked_for_is_used_or_refused(own: Settings) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        with pytest.raises(UsageError, match="is in use; choose another with --port"):
            postgres.start(own, occupant.getsockname()[1])
    wanted = postgres.free_port()
    assert postgres.start(own, wanted).port == wanted
    with pytest.raises(UsageError, match=f"runs on port {wanted} already"):
        postgres.start(own, postgres.free_port())


def test_it_listens_on_loopback_alone_and_wants_a_password(own: Settings) -> None:
    server = postgres.start(own)
    listening = {connection.laddr.ip for connection in server_process(own).net_connections()}
    assert listening == {"127.0.0.1"}
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=server.host, port=server.port, user="dpgw_owner", dbname="warehouse")
    assert ask(own, server, "show password_encryption") == "scram-sha-256"


def test_airflow_reaches_its_own_database_alone(own: Settings) -> None:
    server = postgres.start(own)
    assert ask(own, server, "select current_database()", "airflow", "airflow") == "airflow"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        ask(own, server, "select 1", "airflow", "warehouse")


def test_no_password_is_in_a_log_or_readable_by_others(own: Settings) -> None:
    postgres.start(own)
    passwords = [login.password for login in read_logins(own.home).values()]
    log = (own.home / "logs" / "postgres.log").read_text()
    assert not any(password in log for password in passwords)
    assert stat.S_IMODE((own.home / "logins.json").stat().st_mode) == 0o600
    assert not (own.home / "postgres" / "password").exists()


def test_a_statement_that_fails_leaves_nothing_of_its_row_in_the_log(own: Settings) -> None:
    server = postgres.start(own)
    with pytest.raises(psycopg.errors.InvalidTextRepresentation, match="planted-words"):
        ask(own, server, "select 'planted-words'::integer")
    log = (own.home / "logs" / "postgres.log").read_text(encoding="utf-8")
    assert "database system is ready" in log
    assert "planted-words" not in log


def test_an_initialisation_that_was_killed_is_begun_again(own: Settings) -> None:
    half_made = own.home / "postgres" / "data.draft"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    assert ask(own, postgres.start(own), "select 'alive'") == "alive"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_root_runs_it_as_another_user_behind_private_folders_too(own: Settings, mode: int) -> None:
    own.home.mkdir(parents=True)
    own.home.chmod(mode)
    postgres.start(own)
    assert server_process(own).uids().real != 0
    assert stat.S_IMODE(own.home.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")
def test_root_without_a_way_through_is_told_what_to_do(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.home.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(system_user, "CAPABILITIES", (None,))
    with pytest.raises(WarehouseError, match="run as another user, or move the project"):
        postgres.start(own)


def test_a_server_that_cannot_start_names_its_log(own: Settings) -> None:
    postgres.start(own)
    postgres.stop(own)
    (own.home / "postgres" / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(WarehouseError, match=r"did not start; its log is .*postgres\.log"):
        postgres.start(own)


def test_roles_are_those_of_the_contract() -> None:
    assert {role.user for role in Role} == {
        "dpgw_loader",
        "dpgw_transformer",
        "dpgw_analyst",
        "dpgw_bi_reader",
    }
