"""Small sources and pulls that tests make up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.records import Load, PullRequest
from dpg_warehouse.settings import Settings

Product = dict[str, Any]


def product(number: int, name: str | None = None, **changes: Any) -> Product:
    """A registry record of format v2."""
    record: Product = {
        "id": str(number),
        "name": f"Product {number}" if name is None else name,
        "stage": "DPG",
        "sectors": [],
        "aliases": [""],
        "privacy": [],
        "platformIndependence": {"isPlatformIndependent": "Yes", "openAlternatives": []},
        "description": "A product that a test made up.",
        "website": f"https://product-{number}.example.org",
        "categories": ["Open Software"],
        "organizations": [
            {
                "name": f"Owner {number}",
                "website": "https://owner.example.org",
                "org_type": "owner",
                "contact_name": f"Planted Person {number}",
                "contact_email": f"planted-{number}@example.org",
            }
        ],
        "repositories": [{"name": "main", "url": f"https://code.example.org/{number}"}],
        "clearOwnership": [{"clearOwnershipName": "Owner", "clearOwnershipURL": "https://owner.example.org"}],
        "sdgs": {"sdg": ["SDG3: Good Health and Well-being"], "relevance": ""},
        "openlicenses": [{"openLicense": "MIT", "openLicenseEvidenceURLs": "https://code.example.org"}],
        "locations": {"developmentCountries": ["Kenya"], "deploymentCountries": ["Kenya"]},
    }
    return record | changes


def snapshot(folder: Path, as_of: str, products: Sequence[Any]) -> Path:
    """Write a dated snapshot, as the API gives it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{as_of}.json"
    file.write_text(json.dumps(list(products)), encoding="utf-8")
    return file


def registry(settings: Settings) -> Source:
    """The project's own registry source."""
    return find_source(settings.source_roots, "dpg_registry")


def pull_of(file: Path, force: bool = False) -> PullRequest:
    """The request for one dated registry file."""
    return PullRequest("dpg_registry", None, date.fromisoformat(file.name[:10]), str(file), force)


def ingest_snapshot(settings: Settings, file: Path, force: bool = False) -> Load:
    """One pull of a dated registry file, to its verdict."""
    return pipeline.ingest(settings, registry(settings), pull_of(file, force))


QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,segment_kind,asked_of,is_sensitive,comparability,comparability_note,label,wording,language
w1,first_challenge,challenge,value,single,challenge,,all,no,,,First challenge,What is your first challenge?,en
w1,team_size,team,value,number,team_size,,all,no,,,Team size,How many people work on it?,en
"""
OPTIONS = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value
*,first_challenge,financing,,money,Financing,1,financing,
*,first_challenge,licensing,,licence,Licensing,2,licensing,
"""


def survey_settings(
    settings: Settings, folder: Path, *further_waves: dict[str, Any], **wave: Any
) -> Settings:
    """The settings with a further root that holds the made-up survey `tiny`.

    Its wave w1 is as `wave` says; a further wave differs from it in what is given.
    """
    tiny = folder / "roots" / "tiny"
    tiny.mkdir(parents=True, exist_ok=True)
    (tiny / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    (tiny / "options.csv").write_text(OPTIONS, encoding="utf-8")
    first_wave = {
        "wave_id": "w1",
        "number": 1,
        "label": "First wave",
        "connector": "delimited",
        "location": "w1.csv",
        "opened_on": date(2024, 1, 1),
        "closed_on": date(2024, 2, 1),
        "exported_on": date(2024, 2, 2),
        "frame": {"count": 60},
        "respondent_key": "respondent",
        "personal_data": {"drop": ["email"]},
    }
    description = {
        "source_id": "tiny",
        "kind": "survey",
        "title": "A survey that a test made up",
        "publisher": "A test",
        "licence": "CC0-1.0",
        "data_origin": "synthetic",
        "waves": [first_wave | wave, *(first_wave | wave | further for further in further_waves)],
    }
    (tiny / "source.yml").write_text(yaml.safe_dump(description), encoding="utf-8")
    return replace(settings, source_roots=(*settings.source_roots[:1], folder / "roots"))


def ingest_answers(
    settings: Settings, rows: Sequence[str], header: str, wave_id: str = "w1", **request: Any
) -> Load:
    """One pull of a wave of the survey `tiny`, whose export holds these rows."""
    source = find_source(settings.source_roots, "tiny")
    (source.folder / f"{wave_id}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return pipeline.ingest(settings, source, replace(PullRequest("tiny", wave_id, None, None), **request))
