"""The whole demo, as a person runs it: Airflow, the sample, published marts, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.logins import read_logins
from dpg_warehouse.runtime import airflow, sample_server, stack
from dpg_warehouse.runtime.airflow_api import AirflowApi
from dpg_warehouse.runtime.airflow_folder import last_port, page_login
from dpg_warehouse.runtime.demo import ASKED
from dpg_warehouse.runtime.demo_runs import BUILD
from dpg_warehouse.settings import PROJECT_ROOT, Settings

pytestmark = [pytest.mark.airflow, pytest.mark.server]
DPGW = [sys.executable, "-c", "from dpg_warehouse.cli import main; main()"]


@dataclass(frozen=True)
class Shown:
    """What one run of the demo said, and the settings it ran with."""

    settings: Settings
    code: int
    output: str


def run_demo(settings: Settings) -> Shown:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DPGW_")}
    environment.pop("WAREHOUSE_URL", None)
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [*DPGW, "demo"],
        env={**environment, "DPGW_HOME": str(settings.home), "COLUMNS": "120"},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Shown(settings, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    settings = replace(Settings.from_environment({}), home=tmp_path_factory.mktemp("demo") / "home")
    yield run_demo(settings)
    stack.down(settings)


def ours(settings: Settings) -> list[psutil.Process]:
    """Every process that the demo started; some of them live for a moment only."""
    leaders = [*airflow.components(settings).values(), sample_server.background(settings)]
    sessions = {one.session() for one in leaders}
    postmaster = settings.home / "postgres" / "data" / "postmaster.pid"
    if postmaster.exists():
        sessions.add(int(postmaster.read_text().splitlines()[0]))
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError):
            if os.getsid(process.pid) in sessions:
                found.append(process)
    return found


def listening_addresses(process: psutil.Process) -> set[str]:
    with suppress(psutil.NoSuchProcess):
        found = process.net_connections(kind="inet")
        return {one.laddr.ip for one in found if one.status == psutil.CONN_LISTEN}
    return set()


def command_line(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def test_it_ends_well_with_the_headline_and_where_to_look_next(shown: Shown) -> None:
    assert shown.code == 0, shown.output
    for said in (
        "65 % (51\u201377)",
        "synthetic",
        "make down",
        "dpgw url --role bi_reader",
        "http://127.0.0.1:",
    ):
        assert said in shown.output


def test_its_marts_hold_the_published_shape_of_2022(shown: Shown) -> None:
    query = text(
        "select round(share::numeric, 3), round(ci_low::numeric, 3), round(ci_high::numeric, 3),"
        " round(bound_low::numeric, 3), round(bound_high::numeric, 3) from marts.trend_financing"
        " where wave_id = '2022' and measure = 'first_choice' and segment_kind = 'all'"
        " and not is_derived order by share desc limit 1"
    )
    with engine(shown.settings, Role.BI_READER).connect() as connection:
        assert [str(value) for value in connection.execute(query).one()] == [
            "0.650",
            "0.507",
            "0.773",
            "0.173",
            "0.907",
        ]


def test_its_dags_are_paused_again(shown: Shown) -> None:
    api = AirflowApi(f"http://127.0.0.1:{last_port(shown.settings)}", page_login(shown.settings))
    api.log_in()
    assert all(api.is_paused(dag_id) for dag_id in (*ASKED, BUILD))


def test_everything_listens_on_loopback_alone(shown: Shown) -> None:
    listening = set().union(*(listening_addresses(process) for process in ours(shown.settings)))
    assert listening == {"127.0.0.1"}


def test_no_secret_is_in_a_command_line_or_a_log(shown: Shown) -> None:
    secrets = [login.password for login in read_logins(shown.settings.home).values()]
    commands = [command_line(process) for process in ours(shown.settings)]
    logs = [path for path in (shown.settings.home / "logs").rglob("*") if path.is_file()]
    texts = [*commands, *(path.read_text(errors="replace") for path in logs)]
    assert not [secret for secret in secrets for found in texts if secret in found]


def test_a_second_demo_works_and_down_leaves_no_process(shown: Shown) -> None:
    second = run_demo(shown.settings)
    assert second.code == 0, second.output
    started = ours(shown.settings)
    assert len(started) > 5
    stack.down(shown.settings)
    assert not [process for process in started if process.is_running()]


def test_a_component_that_cannot_start_ends_it_with_one_sentence(tmp_path: Path) -> None:
    settings = replace(Settings.from_environment({}), home=tmp_path / "home")
    (settings.home / "airflow").mkdir(parents=True)
    (settings.home / "airflow" / "migrated.json").mkdir()
    try:
        failed = run_demo(settings)
    finally:
        stack.down(settings)
    assert failed.code == 1
    assert "It stopped at “Start Airflow's processes”" in failed.output
    assert "Traceback" not in failed.output
