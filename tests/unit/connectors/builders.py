"""Sources that connector tests make up, and the shortest way to fetch from them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from dpg_warehouse.configuration import PersonalData, Question, Source, SourceFile, Wave
from dpg_warehouse.connectors import HttpPolicy, Protection, fetch
from dpg_warehouse.records import Credentials, Fault, FaultKind, Pull, PullRequest

TODAY = date(2025, 6, 1)
QUICK = HttpPolicy(attempts=3, first_wait_s=0.01, longest_wait_s=0.05, read_timeout_s=2, connect_timeout_s=2)
REGISTRY_DROPS = (
    "organizations[].contact_name",
    "organizations[].contact_email",
    "clearOwnership[].clearOwnershipName",
)


def registry_source(folder: Path, location: str = "snapshots") -> Source:
    feeds = [
        {"feed": feed, "title": feed, "precedence": n, "covers": {}}
        for n, feed in enumerate(("api", "website", "candidates_repository"))
    ]
    file = SourceFile.model_validate(
        {
            "source_id": "dpg_registry",
            "kind": "registry",
            "title": "Registry",
            "publisher": "A test",
            "licence": "CC0-1.0",
            "location": location,
            "feeds": feeds,
            "personal_data": {"drop": REGISTRY_DROPS},
        }
    )
    return Source(folder, file)


def fetch_registry(
    folder: Path, location: str | None = None, as_of: date | None = None, policy: HttpPolicy = QUICK
) -> Pull:
    source = registry_source(folder)
    request = PullRequest("dpg_registry", None, as_of, location)
    return fetch(source, request, Protection.of(source, None, None), None, TODAY, policy=policy)


def write_json(path: Path, document: Any) -> Path:
    body = json.dumps(document).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def survey_source(folder: Path, fields: Sequence[str], **wave: Any) -> Source:
    """A survey whose one wave asks a question a field."""
    described = {
        "wave_id": "w1",
        "number": 1,
        "label": "First wave",
        "connector": "delimited",
        "location": "w1.csv",
        "opened_on": date(2024, 1, 1),
        "respondent_key": "respondent",
    } | wave
    file = SourceFile.model_validate(
        {
            "source_id": "tiny",
            "kind": "survey",
            "title": "A survey that a test made up",
            "publisher": "A test",
            "licence": "CC0-1.0",
            "data_origin": "synthetic",
            "waves": [Wave.model_validate(described)],
        }
    )
    questions = tuple(
        Question(
            wave_id="w1",
            question_id=f"q{n}",
            field=field,
            layout="value",
            kind="text",
            theme="respondent",
            label=field,
            wording=field,
        )
        for n, field in enumerate(fields)
    )
    return Source(folder, file, questions)


def fetch_wave(
    source: Source,
    credentials: Credentials | None = None,
    key: str | None = None,
    policy: HttpPolicy = QUICK,
    **request: Any,
) -> Pull:
    asked = PullRequest("tiny", "w1", request.get("as_of"), request.get("location"))
    return fetch(source, asked, Protection.of(source, "w1", key), credentials, TODAY, policy=policy)


def personal_data(**rules: tuple[str, ...]) -> PersonalData:
    return PersonalData(**rules)


def faults_of(pull: Pull, kind: FaultKind) -> list[Fault]:
    return [fault for fault in pull.faults if fault.kind is kind]


def every_received_is_told(pull: Pull) -> bool:
    """Whether each received record is in the records or in the faults."""
    about_records = [fault for fault in pull.faults if fault.kind.is_about_record]
    return pull.received_count == len(pull.records) + len(about_records)
