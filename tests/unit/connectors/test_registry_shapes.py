from __future__ import annotations

from typing import Any

import pytest

from dpg_warehouse.connectors.registry_shapes import recognise
from dpg_warehouse.records import ShapeError
from tests.pulls import product

NOMINEE = {
    "id": "a-good",
    "name": "A good",
    "description": "",
    "website": "",
    "license": [],
    "SDGs": [],
    "type": ["software"],
    "organizations": [],
    "stage": "nominee",
}
DAILY = {key: value for key, value in NOMINEE.items() if key != "id"}


def candidates(**folders: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"nominees": [], "digitalpublicgoods": [], "excluded_nominees": [], "archive": []}
    return empty | {"snapshot_date": "2021-01-31", "reviews": [{"id": "x"}]} | folders


@pytest.mark.parametrize(
    ("document", "feed", "name"),
    [
        ([product(1)], "api", "v2"),
        ([product(1), "not an object", {"stage": "DPG", "sectors": []}], "api", "v2"),
        ([DAILY], "api", "v1_daily"),
        ({"dpgs": [product(1)], "snapshot_date": "2023-01-31"}, "website", "v2"),
        (candidates(nominees=[NOMINEE]), "candidates_repository", "v1"),
    ],
)
def test_a_known_shape_tells_feed_and_format(document: Any, feed: str, name: str) -> None:
    snapshot = recognise(document)
    assert (snapshot.feed, snapshot.format) == (feed, name)


def test_a_document_tells_its_date_and_whether_it_is_synthetic() -> None:
    snapshot = recognise(candidates(data_origin="synthetic"))
    assert str(snapshot.snapshot_date) == "2021-01-31"
    assert snapshot.data_origin == "synthetic"


@pytest.mark.parametrize(
    "document",
    [
        {"error": "maintenance"},
        {},
        "text",
        None,
        [],
        [1, 2],
        [{"name": "only a name"}],
        {"dpgs": {}},
        candidates(retired=[NOMINEE]),
        candidates(snapshot_date="last month"),
        candidates(data_origin="invented"),
        {k: v for k, v in candidates().items() if k != "archive"},
        [product(1), DAILY],
    ],
)
def test_an_unknown_document_is_refused_with_the_difference(document: Any) -> None:
    with pytest.raises(ShapeError) as refusal:
        recognise(document)
    assert refusal.value.difference
    assert any("expected" in line for line in refusal.value.difference)


def test_a_difference_names_fields_and_no_values() -> None:
    with pytest.raises(ShapeError) as refusal:
        recognise([{"title": "Planted Name", "planted@example.org": 1}])
    told = " ".join((str(refusal.value), *refusal.value.difference))
    assert "title" in told
    assert "Planted" not in told
    assert "planted" not in told
