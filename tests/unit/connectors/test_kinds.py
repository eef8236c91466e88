from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

import dpg_warehouse.connectors
from dpg_warehouse.connectors import Protection, fetch, kinds
from dpg_warehouse.records import PullRequest, UsageError
from tests.unit.connectors.builders import TODAY, fetch_wave, registry_source, survey_source

A_NEW_KIND = """
from dpg_warehouse.connectors.kinds import Assignment, connector
from dpg_warehouse.records import Pull


@connector("carrier_pigeon")
def fetch_by_pigeon(assignment: Assignment) -> Pull:
    return Pull("responses", assignment.today, True, "loft", "pigeon", "synthetic", 0, 0, ())
"""


def test_a_new_kind_of_source_is_one_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.connector_of("registry")  # loads the package's own modules while their place is the real one
    (tmp_path / "pigeons.py").write_text(A_NEW_KIND)
    monkeypatch.setattr(
        dpg_warehouse.connectors, "__path__", [*dpg_warehouse.connectors.__path__, str(tmp_path)]
    )
    monkeypatch.setattr(kinds, "_CONNECTORS", dict(kinds._CONNECTORS))
    pull = fetch_wave(survey_source(tmp_path, ("answer",), connector="carrier_pigeon"))
    monkeypatch.delitem(sys.modules, "dpg_warehouse.connectors.pigeons")
    assert pull.format == "pigeon"


def test_an_unknown_kind_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"known are: .*registry"):
        fetch_wave(survey_source(tmp_path, ("answer",), connector="telegraph"))


def test_two_modules_cannot_declare_one_kind() -> None:
    kinds.connector_of("registry")
    with pytest.raises(RuntimeError, match="two connectors"):
        kinds.connector("registry")(lambda _: pytest.fail("never called"))


def test_a_registry_has_no_waves_and_a_survey_needs_one(tmp_path: Path) -> None:
    registry, survey = registry_source(tmp_path), survey_source(tmp_path, ("answer",))
    with pytest.raises(UsageError, match="no waves"):
        fetch(registry, PullRequest("dpg_registry", "w1", None, None), Protection(), None, TODAY)
    with pytest.raises(UsageError, match="name one of its waves: w1"):
        fetch(survey, PullRequest("tiny", None, date(2024, 1, 1), None), Protection(), None, TODAY)
