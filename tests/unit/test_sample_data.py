"""The committed sample: made by its generator, labelled synthetic, and shaped like the real thing."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyxform.xls2xform import convert

from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.settings import PROJECT_ROOT

SAMPLE = PROJECT_ROOT / "sample_data"
REGISTRY = sorted((SAMPLE / "registry").glob("*.json"))
SHARED = PROJECT_ROOT.parent / "shared"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def survey() -> Source:
    return find_source([PROJECT_ROOT / "sources"], "dpg_owners_survey")


@pytest.fixture(scope="module")
def wave_2022() -> Rows:
    with (SAMPLE / "dpg_owners_survey" / "wave_2022.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def submissions() -> list[dict[str, Any]]:
    body = json.loads((SAMPLE / "kobotoolbox" / "submissions.json").read_text(encoding="utf-8"))
    assert body["count"] == len(body["results"])
    return list(body["results"])


@pytest.fixture(scope="module")
def snapshots() -> dict[str, list[dict[str, Any]]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["dpgs"] for path in REGISTRY}


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_generator_gives_the_committed_bytes(tmp_path: Path, hash_seed: str) -> None:
    subprocess.run(  # noqa: S603 - the project's own generator
        [sys.executable, "-m", "sample_data.generate", "--out", str(tmp_path)],
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        check=True,
    )
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 22
    for path in made:
        assert (tmp_path / path).read_bytes() == (SAMPLE / path).read_bytes(), path


def test_the_sample_is_small() -> None:
    files = (path for path in SAMPLE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert sum(path.stat().st_size for path in files) < 1_500_000


def test_all_40_of_2022_name_a_first_challenge_and_26_name_financing(wave_2022: Rows) -> None:
    first = Counter(row["challenge_1"] for row in wave_2022)
    assert (len(wave_2022), first.total(), first["1"]) == (40, 40, 26)
    assert "" not in first
    assert [code for code, _ in first.most_common(3)] == ["1", "2", "3"]
    assert max(first[code] for code in "4567") == 1


def test_no_challenge_is_ranked_twice(wave_2022: Rows, submissions: list[dict[str, Any]]) -> None:
    rankings = [[row[f"challenge_{n}"] for n in (1, 2, 3)] for row in wave_2022]
    rankings += [[s.get(f"challenges/{n}_choice", "") for n in ("_1st", "_2nd", "_3rd")] for s in submissions]
    for ranking in rankings:
        named = [code for code in ranking if code]
        assert len(set(named)) == len(named)
        assert ranking[: len(named)] == named  # no second without a first


def test_most_teams_of_2022_are_small_and_some_respondents_are_implementers(wave_2022: Rows) -> None:
    assert sum(row["team_size"] in ("1", "2") for row in wave_2022) > 25
    assert sum(row["role"] == "3" for row in wave_2022) >= 10


def test_concerns_are_asked_of_implementers_alone(submissions: list[dict[str, Any]]) -> None:
    for submission in submissions:
        is_implementer = submission["about/role"] == "implementer"
        assert ("implementers/implementer_concerns" in submission) is is_implementer


def test_every_code_of_the_csv_is_mapped(survey: Source, wave_2022: Rows) -> None:
    fields = survey.declared_fields("2022")
    ignored = {"contact_email", "ip_address", "data_origin", "collector"}
    assert wave_2022[0].keys() == fields | ignored
    for question in survey.questions:
        codes = {option.code for option in survey.options_of("2022", question.question_id)}
        if question.wave_id == "2022" and codes and question.layout != "coded":
            answers = {row[field] for row in wave_2022 for field in question.fields}
            assert answers - {""} <= codes, question.question_id


def test_the_workbook_has_a_banner_and_two_header_rows(survey: Source) -> None:
    workbook = openpyxl.load_workbook(SAMPLE / "dpg_owners_survey" / "wave_2023.xlsx")
    banner, question_row, code_row, *answers = workbook["Answers"].values
    assert "Synthetic" in str(banner[0])
    assert question_row.count(None) > 10  # cells that continue the question to their left
    codes = {str(text).split(" ")[0] for text in code_row}
    assert {field for field in survey.declared_fields("2023") if field.startswith("Q")} <= codes
    assert len(answers) == 44


def test_submissions_have_the_system_fields_of_real_ones(submissions: list[dict[str, Any]]) -> None:
    recorded = SHARED / "wire" / "kobo_api_v2_robotoolbox" / "groups_labels__data.json"
    if not recorded.exists():
        if os.environ.get("REQUIRE_REAL_DATA") == "1":
            pytest.fail("REQUIRE_REAL_DATA is set and the recorded bodies are not there")
        pytest.skip("the recorded bodies are not beside the project")
    real = json.loads(recorded.read_text(encoding="utf-8"))["results"][0]
    system = {key: type(value) for key, value in real.items() if key.startswith(("_", "meta/", "formhub/"))}
    for submission in submissions:
        for key, kind in system.items():
            assert isinstance(submission[key], kind), key


def test_one_submission_was_edited_and_one_was_not_approved(submissions: list[dict[str, Any]]) -> None:
    edited = [s for s in submissions if "meta/deprecatedID" in s]
    assert [s["meta/rootUuid"] for s in edited] == [s["meta/deprecatedID"] for s in edited]
    assert [s["_uuid"] in s["meta/rootUuid"] for s in edited] == [False]
    statuses = [s["_validation_status"]["uid"] for s in submissions if s["_validation_status"]]
    assert statuses == ["validation_status_not_approved"]


def test_the_correction_finds_what_it_expects(survey: Source) -> None:
    workbook = openpyxl.load_workbook(SAMPLE / "dpg_owners_survey" / "wave_2023.xlsx")
    _, head, _, *answers = workbook["Answers"].values
    rows = {str(row[0]): dict(zip(head, row, strict=True)) for row in answers}
    assert survey.corrections
    for correction in survey.corrections:
        assert correction.wave_id == "2023"
        assert rows[correction.record_key][correction.field] == correction.expected


def test_submissions_name_deployed_versions_of_the_form(submissions: list[dict[str, Any]]) -> None:
    folder = SAMPLE / "kobotoolbox"
    versions = json.loads((folder / "versions.json").read_text(encoding="utf-8"))["results"]
    uids = {version["uid"] for version in versions}
    assert {s["__version__"] for s in submissions} == uids
    assert len(uids) == 2
    contents = [json.loads((folder / f"version_{uid}.json").read_text(encoding="utf-8")) for uid in uids]
    asset = json.loads((folder / "asset.json").read_text(encoding="utf-8"))
    assert asset["content"] in [version["content"] for version in contents]


def test_the_form_offers_exactly_what_the_configuration_maps(survey: Source) -> None:
    asset = json.loads((SAMPLE / "kobotoolbox" / "asset.json").read_text(encoding="utf-8"))
    content = asset["content"]
    lists = {row["$xpath"]: row.get("select_from_list_name") for row in content["survey"] if "$xpath" in row}
    offered: dict[str, set[str]] = {}
    for choice in content["choices"]:
        offered.setdefault(choice["list_name"], set()).add(choice["name"])
    for question in survey.questions:
        codes = {option.code for option in survey.options_of("2024", question.question_id)} - {""}
        for field in question.fields if question.wave_id == "2024" else ():
            assert offered.get(lists[field] or "", set()) == codes, field


def test_the_questionnaire_converts_to_an_xform_in_two_languages() -> None:
    result = convert(SAMPLE / "questionnaire.xlsx", validate=False)
    assert result.warnings == []
    assert result.xform.count("<translation ") == 2
    assert 'nodeset="/data/challenges/_2nd_choice"' in result.xform


def test_registry_documents_are_labelled_and_dated() -> None:
    assert len(REGISTRY) == 14
    for path in REGISTRY:
        document = json.loads(path.read_text(encoding="utf-8"))
        assert (document["data_origin"], document["snapshot_date"]) == ("synthetic", path.stem)


def test_the_registry_sample_has_a_renewal_a_gap_a_lapse_and_a_return(
    snapshots: dict[str, list[dict[str, Any]]],
) -> None:
    listed: dict[str, list[int]] = {}
    ids: dict[str, set[str]] = {}
    for month, records in enumerate(snapshots.values()):
        for record in records:
            if "dpgid" in record and not record["name"].startswith("TEST"):
                listed.setdefault(record["dpgid"], []).append(month)
                ids.setdefault(record["dpgid"], set()).add(record["id"])
    assert sum(len(numbers) == 2 for numbers in ids.values()) == 3
    breaks = [b - a for months in listed.values() for a, b in pairwise(months) if b - a > 1]
    assert sorted(breaks) == [2, 7]  # absent for one month end, and for six
    assert sum(months[-1] < 13 for months in listed.values()) == 3
    assert len(listed) == 35


def test_the_registry_sample_has_the_real_ones_quirks(snapshots: dict[str, list[dict[str, Any]]]) -> None:
    records = [record for month in snapshots.values() for record in month]
    labels = {label for record in records for label in record.get("sdgs", {}).get("sdg", ())}
    assert any("\u00b8" in label for label in labels)
    assert any("&#184;" in label for label in labels)
    named = [record for record in records if record.get("organizations")]
    assert all(record["organizations"][0]["contact_email"].endswith("@example.org") for record in named)
    assert any("locations" not in record for record in named)
    assert any(record.get("locations", {}).get("deploymentCountries") == "" for record in named)
    assert sum("id" not in record for record in records) == 1
