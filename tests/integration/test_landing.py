"""What landing keeps: each content once, each pull whole, the same pull one load."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from dpg_warehouse import landing, pipeline
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import Load, LoadStatus, UsageError
from dpg_warehouse.settings import Settings
from tests.pulls import ingest_snapshot, product, pull_of, registry, snapshot
from tests.queries import everything_as_text, rows, value

pytestmark = pytest.mark.every_server


def test_a_pull_is_one_accepted_load_with_its_figures(warehouse: Settings, tmp_path: Path) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1), product(2)]))
    assert load.status is LoadStatus.ACCEPTED
    assert load.newly_accepted
    assert (load.received_count, load.new_payload_count, load.tolerated_count) == (2, 2, 0)
    assert str(load.as_of) == "2024-01-31"


def test_replayed_load_adds_no_rows(warehouse: Settings, tmp_path: Path) -> None:
    file = snapshot(tmp_path, "2024-01-31", [product(1), product(2)])
    first = ingest_snapshot(warehouse, file)
    again = ingest_snapshot(warehouse, file)
    assert again.load_id == first.load_id
    assert not again.newly_accepted
    assert value(warehouse, "select count(*) from ops.loads") == 1
    assert value(warehouse, "select count(*) from landing.payloads") == 2


def test_order_of_records_makes_no_other_load(warehouse: Settings, tmp_path: Path) -> None:
    products = [product(number) for number in range(1, 20)]
    first = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", products))
    random.Random(7).shuffle(products)  # noqa: S311 - a test's order, not a secret
    assert ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", products)).load_id == first.load_id


def test_a_payload_is_stored_once_however_many_pulls_hold_it(warehouse: Settings, tmp_path: Path) -> None:
    for day in (1, 2, 3):
        changed = product(2, website=f"https://changed-{day}.example.org")
        ingest_snapshot(warehouse, snapshot(tmp_path, f"2024-01-0{day}", [product(1), changed]))
    assert value(warehouse, "select count(*) from landing.payloads where record_key = '1'") == 1
    assert value(warehouse, "select count(*) from landing.payloads where record_key = '2'") == 3
    assert rows(warehouse, "select cardinality(payload_nos) from landing.memberships") == [(2,), (2,), (2,)]


def test_other_content_of_an_accepted_date_needs_force(warehouse: Settings, tmp_path: Path) -> None:
    first = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1)]))
    other = snapshot(tmp_path, "2024-01-31", [product(1), product(2)])
    refused = ingest_snapshot(warehouse, other)
    assert refused.status is LoadStatus.REJECTED
    assert "--force" in (refused.reason or "")
    assert pipeline.load_by_id(warehouse, first.load_id).status is LoadStatus.ACCEPTED

    forced = ingest_snapshot(warehouse, other, force=True)
    assert forced.load_id == refused.load_id
    assert forced.status is LoadStatus.ACCEPTED
    assert pipeline.load_by_id(warehouse, first.load_id).status is LoadStatus.SUPERSEDED
    superseded = "select supersedes_load_id from ops.loads where load_id = :load_id"
    assert value(warehouse, superseded, load_id=forced.load_id) == first.load_id


def test_a_withdrawn_load_stays_on_the_record(warehouse: Settings, tmp_path: Path) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1)]))
    taken_back = pipeline.withdraw(warehouse, load.load_id, "of the wrong registry")
    assert taken_back.status is LoadStatus.WITHDRAWN
    assert taken_back.reason == "of the wrong registry"
    with pytest.raises(UsageError, match="only an accepted load"):
        pipeline.withdraw(warehouse, load.load_id, "again")


def test_a_repeated_pull_does_not_undo_a_withdrawal(warehouse: Settings, tmp_path: Path) -> None:
    file = snapshot(tmp_path, "2024-01-31", [product(1)])
    load = ingest_snapshot(warehouse, file)
    pipeline.withdraw(warehouse, load.load_id, "of the wrong registry")
    again = ingest_snapshot(warehouse, file)
    assert (again.load_id, again.status) == (load.load_id, LoadStatus.WITHDRAWN)

    forced = ingest_snapshot(warehouse, file, force=True)
    assert (forced.load_id, forced.status) == (load.load_id, LoadStatus.ACCEPTED)


def test_a_late_verdict_leaves_what_a_person_decided(warehouse: Settings, tmp_path: Path) -> None:
    """A validation that began before the load was accepted and withdrawn ends after it."""
    file = snapshot(tmp_path, "2024-01-31", [product(1)])
    stale = pipeline.land(warehouse, registry(warehouse), pull_of(file))
    accepted = pipeline.validate(warehouse, registry(warehouse), stale)
    assert accepted.newly_accepted
    pipeline.withdraw(warehouse, stale.load_id, "a person's decision")
    for refusal in (None, "a late refusal"):
        with engine(warehouse, Role.LOADER).begin() as connection:
            late = landing.decide(connection, stale, refusal, False)
        assert (late.status, late.newly_accepted) == (LoadStatus.WITHDRAWN, False)
        assert late.reason == "a person's decision"


def test_status_shows_the_load_that_counts_beside_a_newer_refused_one(
    warehouse: Settings, tmp_path: Path
) -> None:
    live = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-30", [product(1)]))
    earlier = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-29", [product(1), product(2)]))
    refused = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1, name="")]))
    shown = [(row["load_id"], row["status"]) for row in pipeline.overview(warehouse)["loads"]]
    assert shown == [(live.load_id, "accepted"), (refused.load_id, "rejected")]
    pipeline.withdraw(warehouse, live.load_id, "a trial")
    shown = [(row["load_id"], row["status"]) for row in pipeline.overview(warehouse)["loads"]]
    assert shown == [(earlier.load_id, "accepted"), (refused.load_id, "rejected")]


def test_registry_contacts_are_nowhere(warehouse: Settings, tmp_path: Path) -> None:
    ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1), product(2)]))
    stored = everything_as_text(warehouse)
    assert "Owner 1" in stored
    assert "planted-1@example.org" not in stored
    assert "Planted Person" not in stored


def test_tolerated_faults_are_counted_and_listed(warehouse: Settings, tmp_path: Path) -> None:
    fragment = {"stage": "DPG", "aliases": [""]}
    products = [*(product(number) for number in range(1, 10)), fragment, fragment]
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", products))
    assert load.status is LoadStatus.ACCEPTED
    assert (load.received_count, load.tolerated_count) == (11, 2)
    assert rows(warehouse, "select kind, position from landing.faults order by fault_no") == [
        ("fragment", 10),
        ("fragment", 11),
    ]


def test_two_simultaneous_pulls_of_one_source_do_not_interfere(warehouse: Settings, tmp_path: Path) -> None:
    """Both hold the same new payloads, in opposite order, so that they compete for them."""
    products = [product(number) for number in range(1, 200)]
    files = [snapshot(tmp_path, "2024-01-30", products), snapshot(tmp_path, "2024-01-31", products[::-1])]
    loads: list[Load] = []
    threads = [
        threading.Thread(target=lambda f=file: loads.append(ingest_snapshot(warehouse, f))) for file in files
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [load.status for load in loads] == [LoadStatus.ACCEPTED] * 2
    assert sorted(load.new_payload_count or 0 for load in loads) == [0, 199]
    assert value(warehouse, "select count(*) from landing.payloads") == 199
    assert rows(warehouse, "select cardinality(payload_nos) from landing.memberships") == [(199,), (199,)]


def test_the_same_pull_twice_at_once_is_one_load(warehouse: Settings, tmp_path: Path) -> None:
    file = snapshot(tmp_path, "2024-01-31", [product(number) for number in range(1, 100)])
    loads: list[Load] = []
    threads = [
        threading.Thread(target=lambda: loads.append(ingest_snapshot(warehouse, file))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {load.status for load in loads} == {LoadStatus.ACCEPTED}
    assert len({load.load_id for load in loads}) == 1
    assert value(warehouse, "select count(*) from ops.loads") == 1
