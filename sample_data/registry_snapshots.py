"""Month-end documents of an invented registry, shaped like the `website` feed of the real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from sample_data.chance import Chance

Json = dict[str, Any]
CONTENT = ("Open Data", "Open Content")


def write_snapshots(folder: Path) -> None:
    """Write `YYYY-MM-DD.json` for each month end of registry_plan.yml."""
    plan = yaml.safe_load(Path(__file__).with_name("registry_plan.yml").read_text(encoding="utf-8"))
    _check_names(plan)
    products = [_product(plan, number, name) for number, name in enumerate(plan["names"])]
    for month in plan["months"]:
        records = [_as_of(plan, product, month) for product in _listed(plan, products, month)]
        records += [_fragment()] if month in plan["fragments"] else []
        records += [_test_record()] if month in plan["test_records"] else []
        # A line a record, so that a change of one product is a change of one line.
        lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        head = f'{{"data_origin": "synthetic", "snapshot_date": "{month}", "dpgs": [\n'
        (folder / f"{month}.json").write_text(f"{head}{lines}\n]}}\n", encoding="utf-8")


def _check_names(plan: Json) -> None:
    unknown = {change["product"] for change in plan["changes"]} - set(plan["names"])
    if unknown or len(plan["names"]) != plan["listed_from_the_start"] + len(plan["joins"]):
        raise ValueError(f"registry_plan.yml does not fit together: {sorted(unknown)}")


def _listed(plan: Json, products: list[Json], month: str) -> list[Json]:
    """The products that have joined by the month and are not absent in it."""
    joins = [plan["months"][0]] * plan["listed_from_the_start"] + plan["joins"]
    absent = {change["product"] for change in _changes(plan, month) if change.get("absent")}
    return [
        p for p, joined in zip(products, joins, strict=True) if joined <= month and p["name"] not in absent
    ]


def _changes(plan: Json, month: str) -> list[Json]:
    return [c for c in plan["changes"] if c["from"] <= month and month < c.get("until", "9999-12-31")]


def _as_of(plan: Json, product: Json, month: str) -> Json:
    changes = [change for change in _changes(plan, month) if change["product"] == product["name"]]
    for change in changes:
        product = product | change.get("set", {})
        product = {key: value for key, value in product.items() if key != change.get("lacks")}
    return product


def _product(plan: Json, number: int, name: str) -> Json:
    chance = Chance(f"registry {name}")
    attributes = plan["attributes"]
    category = chance.pick(attributes["category"])
    licences = attributes["content_licence" if category in CONTENT else "licence"]
    slug = name.lower().replace(" ", "-")
    site = f"https://example.org/{slug}"
    return {
        "id": str(10_300 + 7 * number),
        "name": name,
        "dpgid": f"GID99{number:05}",
        "sectors": [],
        "stage": "DPG",
        "organizations": [
            {
                "name": f"{name} Foundation",
                "website": site,
                "org_type": "owner",
                "contact_name": f" Synthetic Contact {number:02}  ",
                "contact_email": f"{slug}@example.org",
            }
        ],
        "aliases": "" if number % 3 else [name.removeprefix("Sample ")],
        "categories": [category],
        "description": f"Synthetic: {name.removeprefix('Sample ').lower()}, an invented product.",
        "website": site,
        "repositories": [{"name": "main", "url": f"{site}/source"}],
        "locations": {
            "developmentCountries": _several(chance, attributes["country"], 2),
            "deploymentCountries": _several(chance, attributes["country"], 5),
        },
        "sdgs": {"sdg": _several(chance, attributes["sdg"], 3), "relevance": "Synthetic."},
        "openlicenses": [
            {"openLicense": chance.pick(licences), "openLicenseEvidenceURLs": f"{site}/LICENSE"}
        ],
        "clearOwnership": [
            {"clearOwnershipName": f"{name} Foundation", "clearOwnershipURL": f"{site}/LICENSE"}
        ],
        "documentation": f"{site}/docs",
    }


def _several(chance: Chance, weights: dict[str, float], at_most: int) -> list[str]:
    """One or more different names; of the two spellings of one goal only one."""
    chosen: dict[str, str] = {}
    for _ in range(1 + chance.number(at_most)):
        name = chance.pick(weights)
        chosen.setdefault(name.split(":")[0], name)
    return list(chosen.values())


def _fragment() -> Json:
    """A record without id and name."""
    return {"stage": "DPG", "sectors": [], "aliases": "", "documentation": "https://example.org/fragment"}


def _test_record() -> Json:
    return {
        "id": "99999",
        "name": "TEST product, please ignore",
        "dpgid": "GID9999999",
        "sectors": [],
        "stage": "DPG",
        "organizations": [],
        "aliases": "",
        "categories": ["Open Software"],
        "description": "Synthetic: what a test record looks like.",
        "sdgs": {"sdg": ["SDG17: Partnerships for the Goals"], "relevance": ""},
        "openlicenses": [{"openLicense": "MIT", "openLicenseEvidenceURLs": ""}],
    }
