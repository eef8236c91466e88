"""The registry's real pulls, 2020-06-30 to 2024-12-31, from their files to the published marts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.database import Role
from dpg_warehouse.records import LoadStatus
from dpg_warehouse.settings import Settings
from tests.pulls import ingest_snapshot, product, snapshot
from tests.queries import marts_rows, rows, value
from tests.registry_history import (
    counted_in_trend,
    files,
    land_and_accept,
    listed_in,
    load_through_gate,
    publish,
    valid_products,
)
from tests.servers_postgres import EMBEDDED, Servers

# From the description of the real data, not from a run of this code.
STAGES = {
    date(2020, 10, 31): {"DPG": 8, "nominee": 468},
    date(2021, 12, 31): {"DPG": 85, "nominee": 564},
    date(2022, 5, 31): {"DPG": 100, "nominee": 148, "archived": 412},
    date(2022, 11, 30): {"DPG": 153},
}


@dataclass(frozen=True)
class History:
    """An installation in which the whole history was loaded, and what it published."""

    settings: Settings
    statuses: list[LoadStatus]
    published: dict[str, list[str]]


@pytest.fixture(scope="module")
def history(servers: Servers, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with servers.clean_database(EMBEDDED, tmp_path_factory.mktemp("history") / "home") as settings:
        loads = load_through_gate(settings, real_data)
        publish(settings)
        yield History(settings, [load.status for load in loads], marts_rows(settings))


@pytest.fixture(scope="module")
def reversed_history(
    servers: Servers, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with servers.clean_database(EMBEDDED, tmp_path_factory.mktemp("reversed") / "home") as settings:
        land_and_accept(settings, reversed(files(real_data)))
        publish(settings)
        yield settings


def test_every_real_pull_is_accepted(history: History) -> None:
    assert history.statuses == [LoadStatus.ACCEPTED] * 51


@pytest.mark.parametrize("month_end", STAGES)
def test_stages_are_those_that_the_data_are_described_with(history: History, month_end: date) -> None:
    counted = counted_in_trend(history.settings, month_end, "stage")
    assert {stage: counted[stage] for stage in STAGES[month_end]} == STAGES[month_end]


def test_most_frequent_goals_are_those_that_the_data_are_described_with(history: History) -> None:
    counted = counted_in_trend(history.settings, date(2022, 5, 31), "sdg")
    assert sorted(counted.items(), key=lambda item: -item[1])[:3] == [("3", 47), ("9", 29), ("17", 28)]


@pytest.mark.parametrize("dimension", ["stage", "sdg", "licence", "origin_country", "deployment_country"])
def test_each_month_counts_what_its_file_lists(history: History, real_data: Path, dimension: str) -> None:
    for file in files(real_data):
        month_end = date.fromisoformat(file.name[:10])
        counted = counted_in_trend(history.settings, month_end, dimension)
        listed = _in_one_spelling(listed_in(file)[dimension])
        # Values of other months are there too, with a 0, which Counters take for absent.
        assert Counter(counted) == listed, month_end
        assert set(listed) <= set(counted), month_end


def _in_one_spelling(listed: Counter[str]) -> Counter[str]:
    """The only licence that the real data spell in two ways; no product has it in both."""
    return Counter({value: count for value, count in listed.items() if value != "OdbL-1.0"}) + Counter(
        {"ODbL-1.0": listed["OdbL-1.0"]}
    )


def test_a_licence_in_another_case_is_the_same_licence(history: History) -> None:
    spelt = "select distinct licence from marts.bridge_product_licence where lower(licence) = 'odbl-1.0'"
    assert rows(history.settings, spelt, Role.BI_READER) == [("ODbL-1.0",)]


@pytest.mark.parametrize(
    "dimension", ["sdg", "licence", "product_type", "origin_country", "deployment_country"]
)
def test_every_value_has_a_row_in_every_month(history: History, dimension: str) -> None:
    per_month = """
        select count(*) from marts.trend_registry where dimension = :dimension group by month_end
    """
    counts = [count for (count,) in rows(history.settings, per_month, Role.BI_READER, dimension=dimension)]
    assert (len(counts), len(set(counts))) == (51, 1)


def test_a_stage_is_zero_only_where_the_format_serves_it(history: History) -> None:
    before_the_archive = counted_in_trend(history.settings, date(2020, 10, 31), "stage")
    assert (before_the_archive["archived"], before_the_archive["DPG"]) == (0, 8)
    assert counted_in_trend(history.settings, date(2022, 11, 30), "stage") == {"DPG": 153}


def test_a_month_names_its_feed_and_format(history: History) -> None:
    named = "select feed, source_format, count(distinct month_end) from marts.trend_registry group by 1, 2"
    assert sorted(rows(history.settings, named, Role.BI_READER)) == [
        ("candidates_repository", "v1", 25),
        ("website", "v2", 26),
    ]


def test_fragments_are_left_out_counted_and_listed(history: History) -> None:
    load = rows(
        history.settings,
        """
        select received_count, tolerated_count, cardinality(payload_nos)
        from ops.loads inner join landing.memberships using (source_id, load_id)
        where as_of = '2022-11-30'
        """,
    )
    assert load == [(155, 2, 153)]
    listed = "select kind, count(*) from landing.faults group by kind"
    assert rows(history.settings, listed) == [("fragment", 2)]


def test_eight_goods_join_and_none_leaves_in_may_2022(history: History) -> None:
    goods = """
        select product_id from marts.dim_product
        where stage = 'DPG' and valid_from <= :on and (valid_to > :on or valid_to is null)
    """
    before, after = (
        set(rows(history.settings, goods, Role.BI_READER, on=on))
        for on in (date(2022, 4, 30), date(2022, 5, 31))
    )
    assert (len(after - before), len(before - after)) == (8, 0)


def test_a_move_to_the_archive_is_a_change_of_stage(history: History) -> None:
    moved = """
        select count(*) from marts.dim_product as former
        inner join marts.dim_product as later
            on former.product_id = later.product_id and former.valid_to = later.valid_from
        where later.valid_from = '2022-05-31' and former.stage = 'nominee' and later.stage = 'archived'
    """
    # 257 documents came into the archive; five of them are copies whose original stayed.
    assert value(history.settings, moved, Role.BI_READER) == 252
    copies = "select count(*) from marts.dim_product where product_id like 'v1:archive/%'"
    assert value(history.settings, copies, Role.BI_READER) == 5


def test_a_change_of_schema_is_no_change_of_content(history: History) -> None:
    changed = """
        select count(*) from marts.dim_product as former
        inner join marts.dim_product as later
            on former.product_id = later.product_id and former.valid_to = later.valid_from
        where later.valid_from = '2021-12-31'
            and (former.name, former.aliases, former.owner_name, former.website, former.repositories,
                former.sdg_count, former.licence_count, former.product_type_count)
            is distinct from (later.name, later.aliases, later.owner_name, later.website, later.repositories,
                later.sdg_count, later.licence_count, later.product_type_count)
    """
    # As JSON, 592 of the 639 products that both pulls list differ; 13 do in what they say.
    assert 1 <= value(history.settings, changed, Role.BI_READER) <= 13


def test_a_second_load_changes_nothing(history: History, real_data: Path) -> None:
    payloads = value(history.settings, "select count(*) from landing.payloads")
    loads = load_through_gate(history.settings, real_data)
    assert not any(load.newly_accepted for load in loads)
    publish(history.settings)
    assert value(history.settings, "select count(*) from landing.payloads") == payloads
    assert marts_rows(history.settings) == history.published


def test_loads_in_reverse_order_give_the_same_marts(history: History, reversed_history: Settings) -> None:
    assert marts_rows(reversed_history) == history.published


def test_pulls_left_out_leave_the_others_as_they_were(reversed_history: Settings, real_data: Path) -> None:
    dates = [date.fromisoformat(file.name[:10]) for file in files(real_data)]
    kept = dates[::3]
    before = {on: valid_products(reversed_history, on) for on in kept}
    accepted = rows(reversed_history, "select load_id, as_of from ops.loads where status = 'accepted'")
    for load_id, as_of in accepted:
        if as_of not in kept:
            pipeline.withdraw(reversed_history, load_id, "A test leaves this day out.")
    publish(reversed_history)
    assert {on: valid_products(reversed_history, on) for on in kept} == before


@pytest.mark.parametrize(
    "goals",
    [
        {"sdgs": {"sdg": ["SDG3: Good Health", "SDG 71: x"], "relevance": ""}},
        {"sdgs": {"sdg": ["SDG0: x"], "relevance": ""}},
        {"sdgs": [{"sdg": "SDG18: x", "relevance": ""}]},
    ],
)
def test_a_goal_that_does_not_exist_is_refused_before_it_blocks_the_marts(
    warehouse: Settings, tmp_path: Path, goals: Any
) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1), product(2, **goals)]))
    assert load.status is LoadStatus.REJECTED
    assert "sdgs_in_range: 2" in (load.reason or "")


def test_every_shape_of_goals_is_held_to_the_seventeen(warehouse: Settings, tmp_path: Path) -> None:
    """v1 and v1_daily: pairs of number and label, and objects with a number."""
    shapes = {
        "Pair": [[3, "Good Health"], [71, "x"]],
        "Object": [{"SDGNumber": 3}, {"SDGNumber": 71}],
        "Good pair": [[17, "Partnerships"], [9, "Industry"]],
        "Good object": [{"SDGNumber": 1}],
    }
    products = [_daily(name, goals) for name, goals in shapes.items()]
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2022-05-10", products))
    assert load.status is LoadStatus.REJECTED
    assert "sdgs_in_range: Object, Pair" in (load.reason or "")


def _daily(name: str, goals: object) -> dict[str, object]:
    """A record of format v1_daily."""
    return {
        "name": name,
        "description": "A product that a test made up.",
        "website": "https://product.example.org",
        "license": [{"spdx": "MIT", "licenseURL": "https://code.example.org"}],
        "SDGs": goals,
        "type": ["software"],
        "organizations": [{"name": "Owner", "website": "https://owner.example.org", "org_type": "owner"}],
        "stage": "DPG",
    }


def test_a_name_of_blanks_is_refused_before_it_blocks_the_marts(warehouse: Settings, tmp_path: Path) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1, name="\u00a0\t")]))
    assert load.status is LoadStatus.REJECTED
    assert "name_present: 1" in (load.reason or "")


def test_a_document_amid_the_pulls_of_a_better_feed_splits_no_product(
    warehouse: Settings, tmp_path: Path, real_data: Path
) -> None:
    for as_of in ("2022-05-10", "2022-06-10"):
        load = ingest_snapshot(warehouse, snapshot(tmp_path, as_of, [_daily("Pair", [[3, "Good Health"]])]))
        assert load.status is LoadStatus.ACCEPTED, load.reason
    document = real_data / "registry" / "v1" / "2022-05-31.json.gz"
    land_and_accept(warehouse, [document])
    publish(warehouse)
    versions = "select product_id, valid_from, valid_to from marts.dim_product"
    assert rows(warehouse, versions, Role.BI_READER) == [("v1_daily:Pair", date(2022, 5, 10), None)]
