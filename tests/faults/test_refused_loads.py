"""A refused load says why, and what BI tools see doesn't change."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.records import Load, LoadStatus
from tests.faults.conftest import ANSWERS, HEADER, Published
from tests.pulls import ingest_answers, ingest_snapshot, product, snapshot
from tests.queries import marts_rows, value


def broken_record(published: Published, folder: Path) -> Load:
    products = [product(1), product(2), product(3, name="")]
    return ingest_snapshot(published.settings, snapshot(folder, "2024-01-04", products))


def duplicate_key(published: Published, folder: Path) -> Load:
    products = [product(1), product(2), product(2, website="https://twin.example.org")]
    return ingest_snapshot(published.settings, snapshot(folder, "2024-01-05", products))


def unknown_shape(published: Published, folder: Path) -> Load:
    products = [{"dpgId": "GID1", "slug": "product-1", "status": "listed"}]
    return ingest_snapshot(published.settings, snapshot(folder, "2024-01-06", products))


def unmapped_option(published: Published, _folder: Path) -> Load:
    return ingest_answers(published.settings, [*ANSWERS, "r99,p@example.org,fame,1"], HEADER, force=True)


@pytest.mark.parametrize(
    ("pull", "reason"),
    [
        (broken_record, "Every product must have a name. [name_present: 3]"),
        (duplicate_key, "No two records may have the same key. [no_duplicate_key: 2]"),
        (unknown_shape, "dpgId"),
        (unmapped_option, "every_code_mapped: challenge = fame"),
    ],
)
def test_a_refused_load_changes_nothing_for_readers(  # type: ignore[no-untyped-def]
    published: Published, tmp_path: Path, pull, reason: str
) -> None:
    load = pull(published, tmp_path)
    assert load.status is LoadStatus.REJECTED
    why = pipeline.why_refused(published.settings, load.load_id)
    assert reason in str(why)

    outcome = pipeline.build(published.settings)
    assert outcome.status == "published"
    assert marts_rows(published.settings) == published.marts
    inputs = "select count(*) from ops.build_inputs where load_id = :load_id"
    assert value(published.settings, inputs, load_id=load.load_id) == 0
