"""dbt's unit tests: recodes and shares on fixed rows."""

from __future__ import annotations

import pytest

from dpg_warehouse import modelling, pipeline
from dpg_warehouse.database import Role, connection_url
from dpg_warehouse.modelling.dbt import UNIT_TESTS
from dpg_warehouse.settings import Settings


@pytest.mark.timeout(900)
def test_every_unit_test_of_the_models_passes(warehouse: Settings) -> None:
    assert pipeline.build(warehouse).status == "published"
    url = connection_url(warehouse, Role.TRANSFORMER)
    project = modelling.DbtProject(warehouse, url, modelling.Target())
    results = project.run(UNIT_TESTS, lambda *_: None)
    assert {result.resource_type for result in results} == {"unit_test"}
    assert [(result.unique_id, result.message) for result in results if result.status != "pass"] == []
    assert len(results) >= 15
