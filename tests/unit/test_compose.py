"""docker-compose.yml holds no default password and names only commands and variables that exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer.main import get_command

from dpg_warehouse.cli.main import app
from dpg_warehouse.settings import PROJECT_ROOT

COMPOSE_TEXT = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
AIRFLOW = {name: service for name, service in SERVICES.items() if service["image"].startswith("dpg-")}
EXAMPLE = dict(
    line.split("=", 1)
    for line in (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
SECRETS = [name for name, value in EXAMPLE.items() if not value]
FILLED = EXAMPLE | {name: f"made0up0{number}" for number, name in enumerate(SECRETS)}
SCRIPTS = ("docker/initialise.sh", "docker/postgres/create_databases.sh")


def commands() -> list[list[str]]:
    """Every call of `airflow`, `dpgw` or `celery` by a service, a health check or a script."""
    texts = [" ".join(service.get("command", ())) for service in SERVICES.values()]
    texts += [
        "\n".join(service["healthcheck"]["test"][1:])
        for service in SERVICES.values()
        if "healthcheck" in service
    ]
    texts += [(PROJECT_ROOT / script).read_text(encoding="utf-8") for script in SCRIPTS]
    lines = "\n".join(texts).replace("\\\n", " ").replace(" | ", "\n").splitlines()
    return [shlex.split(line) for line in lines if re.match(r"(airflow|dpgw|celery) ", line)]


def python(code: str, *arguments: str, environment: dict[str, str] | None = None) -> Any:
    """What a program prints as JSON on its last line, run with the composition's own variables."""
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **(environment or {})},
    )
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture
def airflow_environment(tmp_path: Path) -> dict[str, str]:
    chosen = SERVICES["airflow-worker"]["environment"]
    kept = ("AIRFLOW__CORE__AUTH_MANAGER", "AIRFLOW__CORE__EXECUTOR")
    return {"AIRFLOW_HOME": str(tmp_path), **{name: chosen[name] for name in kept}}


def compose(environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """`docker-compose config` with these variables."""
    program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
    if shutil.which(program[0]) is None:
        pytest.skip("docker-compose is not installed")
    file = folder / "variables"
    file.write_text("".join(f"{name}={value}\n" for name, value in environment.items()), encoding="utf-8")
    return subprocess.run(  # noqa: S603 - a fixed program
        [*program, "--env-file", str(file), "--file", str(PROJECT_ROOT / "docker-compose.yml"), "config"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name not in EXAMPLE},
    )


def test_the_composition_is_valid_once_the_example_is_filled_in(tmp_path: Path) -> None:
    ran = compose(FILLED, tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert set(yaml.safe_load(ran.stdout)["services"]) == set(SERVICES)


@pytest.mark.parametrize("missing", SECRETS)
def test_start_refuses_without_each_secret(missing: str, tmp_path: Path) -> None:
    ran = compose(FILLED | {missing: ""}, tmp_path)
    assert ran.returncode != 0
    assert f"set {missing} in .env" in ran.stderr


def test_the_example_names_exactly_the_variables_that_the_composition_reads() -> None:
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) == set(EXAMPLE)


def test_every_secret_is_empty_in_the_example_and_without_a_default() -> None:
    assert {name for name in EXAMPLE if re.search("PASSWORD|SECRET|KEY", name)} == set(SECRETS)
    for name in SECRETS:
        assert set(re.findall(rf"\$\{{{name}(.*?)\}}", COMPOSE_TEXT)) == {f":?set {name} in .env"}


def test_no_secret_reaches_a_command_line() -> None:
    for name, service in SERVICES.items():
        for part in (service.get("command", ()), service.get("healthcheck", {}).get("test", ())):
            assert not re.search(r"(?<!\$)\$\{?\w", " ".join(part)), (
                f"{name} gets a value on its command line"
            )
    assert [call for call in commands() if any("password" in part.lower() for part in call)] == []


def test_images_are_pinned() -> None:
    base = re.findall(r"^FROM (\S+)", (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    images = [service["image"] for name, service in SERVICES.items() if name not in AIRFLOW]
    for image in (*base, *images):
        assert re.search(r":\d+\.\d+(\.\d+)?-", image), f"{image} names no exact version"


def test_the_image_does_not_run_as_root() -> None:
    text = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1] == "dpgw"


def test_what_stays_up_is_watched_and_started_again() -> None:
    for name, service in SERVICES.items():
        if name == "initialise":
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_nothing_starts_before_both_databases_are_migrated() -> None:
    for name in AIRFLOW.keys() - {"initialise"}:
        condition = SERVICES[name]["depends_on"]["initialise"]["condition"]
        assert condition == "service_completed_successfully", name


def test_ports_are_open_on_loopback_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_state_is_in_declared_volumes() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert {volume for volume in used if not volume.startswith("./")} == set(COMPOSE["volumes"])
    for path in (volume for volume in used if volume.startswith("./")):
        assert (PROJECT_ROOT / path).exists(), path


def test_only_the_migration_logs_in_as_the_owner() -> None:
    for name, service in AIRFLOW.items():
        login = urlsplit(re.sub(r"\$\{.*?\}", "secret", service["environment"]["WAREHOUSE_URL"])).username
        assert login == ("dpgw_owner" if name == "initialise" else None), name


def test_nothing_is_reported_to_anybody() -> None:
    off = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "GX_ANALYTICS_ENABLED": "false"}
    for name, service in AIRFLOW.items():
        assert off.items() <= service["environment"].items(), name


def test_every_variable_of_ours_is_read_by_the_code() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "dpg_warehouse").rglob("*.py")
    )
    names = {name for service in AIRFLOW.values() for name in service["environment"]}
    ours = {name for name in names if name.startswith(("DPGW_", "WAREHOUSE_"))}
    assert ours
    assert {name for name in ours if f'"{name}"' not in code} == set()


def test_every_variable_of_the_scripts_is_handed_to_their_containers() -> None:
    for script, service in zip(SCRIPTS, ("initialise", "postgres"), strict=True):
        text = (PROJECT_ROOT / script).read_text(encoding="utf-8")
        read = set(re.findall(r"\$(\w{3,})", text)) | set(re.findall(r"\\getenv \w+ (\w+)", text))
        # POSTGRES_USER is the image's own default.
        assert read - set(SERVICES[service]["environment"]) <= {"POSTGRES_USER"}, script


def test_every_airflow_variable_is_an_option_of_this_airflow(airflow_environment: dict[str, str]) -> None:
    names = {name for service in AIRFLOW.values() for name in service["environment"]}
    asked = [name.split("__")[1:] for name in names if name.startswith("AIRFLOW__")]
    code = (
        "import json, sys; from airflow.configuration import conf; conf.load_providers_configuration(); "
        "known = conf.configuration_description; asked = json.loads(sys.argv[1]); "
        "options = lambda section: known.get(section.lower(), {}).get('options', {}); "
        "print(json.dumps([[s, o] for s, o in asked if o.lower() not in options(s)]))"
    )
    assert asked
    assert python(code, json.dumps(asked), environment=airflow_environment) == []


def test_every_airflow_command_exists(airflow_environment: dict[str, str]) -> None:
    calls = [call[1:] for call in commands() if call[0] == "airflow"]
    assert len(calls) == 9
    code = (
        "import json, sys; from airflow.cli.cli_parser import get_parser; parser = get_parser(); "
        "print(json.dumps([parser.parse_args(call).subcommand for call in json.loads(sys.argv[1])]))"
    )
    assert len(python(code, json.dumps(calls), environment=airflow_environment)) == len(calls)


def test_the_executor_can_be_loaded_with_the_pinned_celery(airflow_environment: dict[str, str]) -> None:
    (call,) = [call for call in commands() if call[0] == "celery"]
    module = call[call.index("--app") + 1].removesuffix(".app")
    code = f"import json, {module} as found; print(json.dumps(found.app.main))"
    assert python(code, environment=airflow_environment) == module


def test_every_dpgw_command_exists() -> None:
    calls = [call for call in commands() if call[0] == "dpgw"]
    assert calls == [["dpgw", "migrate"]]
    known: Any = get_command(app)
    assert "migrate" in known.commands
