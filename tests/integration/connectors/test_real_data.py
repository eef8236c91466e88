"""What the connectors make of real registries, real survey exports and real KoboToolbox answers."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dpg_warehouse.connectors import Protection, dated_files
from dpg_warehouse.connectors.registry import read_snapshot
from dpg_warehouse.connectors.registry_shapes import recognise
from dpg_warehouse.records import Credentials, FaultKind, Pull
from sample_data.kobo_server import Bodies, KoboServer
from tests.unit.connectors.builders import (
    REGISTRY_DROPS,
    every_received_is_told,
    fetch_registry,
    fetch_wave,
    personal_data,
    survey_source,
)

PERSONAL = re.compile(r"[\w.+-]+@example\.org|Contact [0-9a-f]{8}")
DROPS = Protection(drop=REGISTRY_DROPS)


def pulls_of(folder: Path) -> Iterator[Pull]:
    for as_of, file in dated_files(folder):
        pull = fetch_registry(folder, str(file))
        assert pull.as_of == as_of
        assert every_received_is_told(pull)
        assert PERSONAL.search(json.dumps([r.payload for r in pull.records])) is None
        yield pull


def test_the_candidates_repository_is_read_whole(real_data: Path) -> None:
    pulls = {str(pull.as_of): pull for pull in pulls_of(real_data / "registry" / "v1")}
    assert len(pulls) == 25
    assert {(pull.feed, pull.format) for pull in pulls.values()} == {("candidates_repository", "v1")}
    assert sum(len(pull.records) for pull in pulls.values()) == 15_386
    assert all(pull.faults == () for pull in pulls.values())
    may = pulls["2022-05-31"].records
    stages = Counter(record.payload.get("stage") for record in may if record.key.startswith("nominees/"))
    assert stages == {"DPG": 100, "nominee": 148}
    assert sum(record.key.startswith("archive/") for record in may) == 412


def test_the_website_is_read_but_for_two_fragments(real_data: Path) -> None:
    pulls = list(pulls_of(real_data / "registry" / "app"))
    assert len(pulls) == 26
    assert {(pull.feed, pull.format) for pull in pulls} == {("website", "v2")}
    faults = {str(pull.as_of): [fault.kind for fault in pull.faults] for pull in pulls if pull.faults}
    assert faults == {"2022-11-30": [FaultKind.FRAGMENT, FaultKind.FRAGMENT]}
    assert len(pulls[0].records) == 153


def test_daily_answers_are_recognised_around_every_change(real_data: Path) -> None:
    folder = real_data / "registry" / "daily"
    with gzip.open(folder / "records.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    index: dict[str, list[int]] = json.loads(gzip.decompress((folder / "index.json.gz").read_bytes()))
    told = {"2022-05-27", "2022-06-17", "2022-11-21", "2022-11-22", "2022-12-01", "2024-09-21", "2024-12-09"}
    counts: dict[str, Counter[str]] = {}
    for day in sorted(told | set(sorted(index)[::60])):
        snapshot = recognise([records[number] for number in index[day]])
        assert snapshot.format == ("v1_daily" if day < "2022-11-22" else "v2")
        found, faults = read_snapshot(snapshot, DROPS)
        assert PERSONAL.search(json.dumps([r.payload for r in found] + [f.payload for f in faults])) is None
        counts[day] = Counter(r.payload["stage"] for r in found) + Counter(f.kind.value for f in faults)
    assert counts["2022-05-27"] == {"DPG": 100, "nominee": 147}
    assert counts["2022-06-17"]["test_record"] == 1
    assert counts["2022-11-21"] == {"DPG": 149, "nominee": 82}
    assert counts["2022-11-22"] == {"DPG": 142}
    assert counts["2022-12-01"]["fragment"] > 0
    assert counts["2024-09-21"] == {"DPG": 163}
    assert counts["2024-12-09"] == {"DPG": 180}


@pytest.mark.parametrize(
    ("file", "header_rows", "pattern", "fields", "row_count"),
    [
        ("2021/results_2021.csv", 2, r"^(Q\d+ \d+)—", ("Q17 04",), 1141),
        ("2022/RawData.csv", 3, None, (), 1048),
        ("2023/RawData.csv", 3, None, (), 489),
    ],
)
def test_three_layouts_of_a_survey_are_read_whole(
    real_data: Path, file: str, header_rows: int, pattern: str | None, fields: tuple[str, ...], row_count: int
) -> None:
    source = survey_source(
        real_data / "surveys" / "osposurvey",
        fields,
        location=file,
        header_rows=header_rows,
        field_pattern=pattern,
        respondent_key="Respondent ID",
        ignore="*",
        exported_on=date(2024, 1, 1),
        personal_data=personal_data(drop=("IP Address",)),
    )
    pull = fetch_wave(source)
    assert pull.received_count == row_count
    assert every_received_is_told(pull)
    assert not any(fault.kind is FaultKind.MISSING_FIELD for fault in pull.faults)
    told = json.dumps([record.payload for record in pull.records])
    assert re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", told) is None


def real_bodies(folder: Path, form: str) -> Bodies:
    def read(part: str) -> Any:
        return json.loads((folder / f"{form}__{part}.json").read_text(encoding="utf-8"))

    asset = read("asset")
    versions = []
    for version in read("versions")["results"]:
        detail = folder / f"{form}__version_{version['uid']}.json"
        body = (
            json.loads(detail.read_text(encoding="utf-8"))
            if detail.exists()
            else {"content": asset["content"]}
        )
        versions.append(version | body)
    return Bodies(asset, versions, read("data")["results"])


@pytest.mark.parametrize(
    ("form", "fields", "undeclared", "form_count"),
    [
        ("simple_multilang", ("pet_yesno",), ["full_name"], 1),
        ("select_multiple", ("pet_type",), ["full_name"], 1),
        ("groups_labels", ("pet_type", "hh_sex"), ["full_name"], 3),
        ("validation_status", ("pet_type",), ["full_name"], 1),
        ("nested_repeats", ("family_count", "education"), None, 5),
        ("geodata", ("point", "line", "polygon"), None, 1),
    ],
)
def test_real_kobotoolbox_answers_are_read(
    real_data: Path, form: str, fields: tuple[str, ...], undeclared: list[str] | None, form_count: int
) -> None:
    told = real_bodies(real_data / "wire" / "kobo_api_v2_robotoolbox", form)
    uid = told.asset["uid"]
    source = survey_source(
        Path(), fields, connector="kobotoolbox", location=uid, connection="kobo", respondent_key=None
    )
    with KoboServer(told, "t") as server:
        pull = fetch_wave(source, Credentials(server.url, "t"))
    assert len(pull.records) == pull.expected_count == len(told.submissions)
    assert {record.key for record in pull.records} == {row["meta/rootUuid"] for row in told.submissions}
    assert len(pull.forms) == form_count
    assert not [fault for fault in pull.faults if fault.kind is FaultKind.MISSING_FIELD]
    if undeclared is not None:
        assert [f.detail for f in pull.faults] == undeclared
    landed = {name for record in pull.records for name in record.payload}
    assert set(fields) & landed
    assert "dickoa" not in json.dumps([record.payload for record in (*pull.records, *pull.forms)])
