"""The registry's real history: what its files say, counted without the warehouse, and what the marts say."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from dpg_warehouse import landing, pipeline
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import Load, LoadStatus
from dpg_warehouse.settings import Settings
from tests.pulls import pull_of, registry
from tests.queries import rows

FOLDERS = {"nominees": None, "archive": "archived", "excluded_nominees": "excluded"}
Counted = dict[str, Counter[str]]


def files(real_data: Path) -> list[Path]:
    """The 25 documents of the candidates repository and the 26 answers in the website's build, by date."""
    return sorted((real_data / "registry").glob("*/????-??-??.json.gz"), key=lambda file: file.name)


@cache
def listed_in(file: Path) -> Counted:
    """What a file lists, by dimension and value, read by other means than the models."""
    document = orjson.loads(gzip.decompress(file.read_bytes()))
    counted: Counted = defaultdict(Counter)
    locations = {r["id"]: r.get("locations") for r in document.get("digitalpublicgoods", [])}
    for folder, stage in FOLDERS.items():
        for record in document.get(folder, []):
            given = stage or record.get("stage", "unknown").replace("archive", "archived")
            licences = [licence["spdx"] for licence in record["license"]]
            goals = [str(e[0] if isinstance(e, list) else e["SDGNumber"]) for e in record["SDGs"]]
            _count(counted, given, goals, licences, locations.get(record["id"]))
    for record in document.get("dpgs", []):
        if record.get("name"):
            licences = [licence["openLicense"] for licence in record["openlicenses"]]
            _count(counted, record["stage"], _labelled(record["sdgs"]), licences, record.get("locations"))
    return counted


def _count(
    counted: Counted,
    stage: str,
    goals: list[str],
    licences: list[str],
    locations: dict[str, list[str]] | None,
) -> None:
    counted["stage"][stage] += 1
    if stage != "DPG":
        return
    counted["sdg"].update(_distinct(goals, "unknown"))
    counted["licence"].update(_distinct(licences, "unknown"))
    places = locations or {}
    origins = places.get("developmentCountries", places.get("developmentCounties", []))
    counted["origin_country"].update(_distinct(origins, "unknown"))
    deployed = places.get("deploymentCountries", [])
    counted["deployment_country"].update(_distinct(deployed, "none" if places else "unknown"))


def _distinct(values: list[str], if_empty: str) -> set[str]:
    return {value.strip() for value in values if value.strip()} or {if_empty}


def _labelled(sdgs: Any) -> list[str]:
    labels = sdgs["sdg"] if isinstance(sdgs, dict) else [entry["sdg"] for entry in sdgs]
    return [label.split(":")[0].removeprefix("SDG") for label in labels]


def load_through_gate(settings: Settings, real_data: Path) -> list[Load]:
    """Backfill both folders as `dpgw backfill` does."""
    source = registry(settings)
    folders = [real_data / "registry" / name for name in ("v1", "app")]
    outcomes = [o for folder in folders for o in pipeline.backfill(settings, source, folder)]
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    return [outcome.load for outcome in outcomes if outcome.load]


def land_and_accept(settings: Settings, pulls: Iterable[Path]) -> None:
    """Land files in the order given and accept them as they are; the gate has its own tests."""
    source = registry(settings)
    for file in pulls:
        load = pipeline.land(settings, source, pull_of(file))
        assert load.status is LoadStatus.LANDED, load
        with engine(settings, Role.LOADER).begin() as connection:
            assert landing.decide(connection, load, None, False).newly_accepted


def publish(settings: Settings) -> None:
    """Build, and insist that it was published."""
    outcome = pipeline.build(settings)
    assert outcome.status == "published", outcome.reason


def counted_in_trend(settings: Settings, month_end: date, dimension: str) -> dict[str, int]:
    """trend_registry's product counts of one month and dimension, by value."""
    statement = """
        select value, product_count from marts.trend_registry
        where month_end = :month_end and dimension = :dimension
    """
    found = rows(settings, statement, Role.BI_READER, month_end=month_end, dimension=dimension)
    return dict(found)


def valid_products(settings: Settings, on: date) -> list[Any]:
    """Every attribute and list value of the products that are valid on a date, without keys and dates."""
    statement = """
        with valid as (
            select * from marts.dim_product
            where valid_from <= :on and (valid_to > :on or valid_to is null)
        )
        select to_jsonb(valid) - '{product_version_key,publish_id,valid_from,valid_to,is_current}'::text[],
            array(select sdg_number from marts.bridge_product_sdg
                where product_version_key = valid.product_version_key order by 1),
            array(select licence from marts.bridge_product_licence
                where product_version_key = valid.product_version_key order by 1),
            array(select product_type from marts.bridge_product_type
                where product_version_key = valid.product_version_key order by 1),
            array(select origin_country from marts.bridge_product_origin_country
                where product_version_key = valid.product_version_key order by 1),
            array(select deployment_country from marts.bridge_product_deployment_country
                where product_version_key = valid.product_version_key order by 1)
        from valid
        order by product_id
    """
    return rows(settings, statement, Role.BI_READER, on=on)
