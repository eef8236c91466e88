from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse.records import FaultKind, ShapeError, UsageError
from tests.pulls import product
from tests.unit.connectors.builders import every_received_is_told, faults_of, fetch_registry, write_json
from tests.unit.connectors.test_registry_shapes import DAILY, NOMINEE, candidates

MARCH = date(2024, 3, 31)


def pull_of(folder: Path, document: Any, name: str = "2024-03-31.json") -> Any:
    return fetch_registry(folder, str(write_json(folder / name, document)))


def test_a_snapshot_becomes_keyed_records(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, [product(1), product(2)])
    assert (pull.feed, pull.format, pull.as_of, pull.is_live) == ("api", "v2", MARCH, False)
    assert [record.key for record in pull.records] == ["1", "2"]
    assert pull.expected_count is None
    assert pull.received_count == 2
    assert pull.data_origin == "collected"


def test_a_compressed_snapshot_is_the_same_pull(tmp_path: Path) -> None:
    plain = pull_of(tmp_path / "a", [product(1)])
    packed = pull_of(tmp_path / "b", [product(1)], "2024-03-31.json.gz")
    assert plain.records == packed.records


def test_keys_follow_the_generation(tmp_path: Path) -> None:
    daily = pull_of(tmp_path / "daily", [DAILY])
    assert [record.key for record in daily.records] == ["A good"]
    document = candidates(
        snapshot_date="2024-03-31",
        nominees=[NOMINEE],
        digitalpublicgoods=[{"id": "a-good", "name": "A good"}],
    )
    folders = pull_of(tmp_path / "v1", document)
    assert [record.key for record in folders.records] == ["nominees/a-good", "digitalpublicgoods/a-good"]
    assert "reviews" not in json.dumps([record.payload for record in folders.records])


def test_contacts_and_addresses_are_in_no_part_of_a_pull(tmp_path: Path) -> None:
    planted = product(1, description="Ask planted-9@example.org or +99 12345 67890.")
    fragment = {key: value for key, value in product(2).items() if key not in ("id", "name")}
    pull = pull_of(tmp_path, [planted, fragment, product(3)])
    told = json.dumps([record.payload for record in pull.records] + [fault.payload for fault in pull.faults])
    assert "planted" not in told.lower()
    assert "12345" not in told
    assert "clearOwnershipName" not in told
    assert "Ask [e-mail removed] or [phone removed]." in told


def test_contacts_are_dropped_where_a_list_becomes_an_object(tmp_path: Path) -> None:
    changed = product(1, organizations={"name": "Owner", "contact_name": "Planted Person"})
    pull = pull_of(tmp_path, [changed, product(2), product(3)])
    assert "Planted" not in json.dumps([record.payload for record in pull.records])
    assert "organizations.name" in {fault.detail for fault in faults_of(pull, FaultKind.UNDECLARED_FIELD)}


@pytest.mark.parametrize(
    ("broken", "kind", "key"),
    [
        ({"stage": "DPG", "sectors": []}, FaultKind.FRAGMENT, None),
        ({k: v for k, v in product(9).items() if k != "id"}, FaultKind.NO_KEY, None),
        (product(9, name="TEST please ignore"), FaultKind.TEST_RECORD, "9"),
        (product(9, name="Test removal of stage"), FaultKind.TEST_RECORD, "9"),
        ("text", FaultKind.NOT_AN_OBJECT, None),
        (None, FaultKind.NOT_AN_OBJECT, None),
        (product(9, description="NUL \x00"), FaultKind.UNSTORABLE, None),
        (product(9, description="half \ud800"), FaultKind.UNSTORABLE, None),
        (product(9, description=float("nan")), FaultKind.UNSTORABLE, None),
        (product(1), FaultKind.DUPLICATE_KEY, "1"),
    ],
)
def test_a_faulty_record_is_told_and_the_others_stay(
    tmp_path: Path, broken: Any, kind: FaultKind, key: str | None
) -> None:
    pull = pull_of(tmp_path, [product(1), product(2), broken])
    (fault,) = pull.faults
    assert (fault.kind, fault.position, fault.record_key) == (kind, 3, key)
    assert [record.key for record in pull.records] == ["1", "2"]
    assert every_received_is_told(pull)


def test_a_product_that_has_a_key_and_no_name_is_left_to_the_gate(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, [product(1), product(9, name=" ")])
    assert [record.key for record in pull.records] == ["1", "9"]


def test_products_whose_name_only_contains_test_are_products(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, [product(1, name="OpenAttestation"), product(2, name="Testing Farm")])
    assert pull.faults == ()


def test_records_of_one_id_that_differ_are_both_left_out(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, [product(1), product(1, name="Another"), product(2)])
    assert [record.key for record in pull.records] == ["2"]
    assert len(faults_of(pull, FaultKind.DUPLICATE_KEY)) == 2


def test_a_field_that_few_records_have_is_named_and_not_kept(tmp_path: Path) -> None:
    pull = pull_of(tmp_path, [product(1), product(2), product(3, phone="planted")])
    assert [fault.detail for fault in faults_of(pull, FaultKind.UNDECLARED_FIELD)] == ["phone"]
    assert "planted" not in json.dumps([record.payload for record in pull.records])
    assert len(pull.records) == 3


def renamed(record: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if key == old else key: value for key, value in record.items()}


def test_a_renamed_field_is_refused_with_the_difference(tmp_path: Path) -> None:
    records = [renamed(product(n), "categories", "category") for n in range(4)]
    with pytest.raises(ShapeError) as refusal:
        pull_of(tmp_path, records)
    assert refusal.value.difference == (
        "expected categories: found in 0 of 4 records",
        "not expected category[]: found in 4 of 4 records",
    )


def test_a_renamed_key_is_refused_rather_than_taken_for_fragments(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="expected id"):
        pull_of(tmp_path, [renamed(product(n), "id", "dpgId") for n in range(4)])


def test_a_field_that_is_new_to_most_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError) as refusal:
        pull_of(tmp_path, [product(n, phone="planted") for n in range(4)])
    assert refusal.value.difference == ("not expected phone: found in 4 of 4 records",)


def test_the_third_generation_is_refused_with_the_difference(tmp_path: Path) -> None:
    record = {
        "dpgId": "GID0090024",
        "slug": "a-good",
        "name": "A good",
        "status": "DPG",
        "category": ["software"],
        "sdgs": [{"number": 3}],
        "openLicense": ["MIT"],
    }
    with pytest.raises(ShapeError) as refusal:
        pull_of(tmp_path, [record, record | {"dpgId": "GID0090025"}])
    assert "expected id: found in 0 of 2 records" in refusal.value.difference
    assert "not expected slug: found in 2 of 2 records" in refusal.value.difference


@pytest.mark.parametrize("body", [b'[{"id": "1"', b"", b"<html>"])
def test_a_file_that_stops_half_way_is_refused(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "2024-03-31.json"
    file.write_bytes(body)
    with pytest.raises(ShapeError, match="no complete JSON"):
        fetch_registry(tmp_path, str(file))


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    file = write_json(tmp_path / "2024-03-31.json.gz", [product(1)])
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ShapeError, match="no complete gzip"):
        fetch_registry(tmp_path, str(file))


def test_a_feed_that_the_source_does_not_declare_is_refused(tmp_path: Path) -> None:
    from dpg_warehouse.connectors import Protection, fetch
    from dpg_warehouse.records import PullRequest
    from tests.unit.connectors.builders import TODAY, registry_source

    source = registry_source(tmp_path)
    fewer = source.file.model_copy(update={"feeds": source.file.feeds[1:]})
    file = write_json(tmp_path / "2024-03-31.json", [product(1)])
    request = PullRequest("dpg_registry", None, None, str(file))
    with pytest.raises(UsageError, match="feed api"):
        fetch(type(source)(tmp_path, fewer), request, Protection(), None, TODAY)
