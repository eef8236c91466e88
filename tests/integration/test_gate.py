"""Gate 1: what it rejects, what it says, and what it never shows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.records import FaultKind, LoadStatus, UsageError, WarehouseError
from dpg_warehouse.settings import Settings
from dpg_warehouse.validation import gate
from dpg_warehouse.validation.suites import EXPECTATIONS, read_suite
from tests.pulls import ingest_answers, ingest_snapshot, product, snapshot, survey_settings
from tests.queries import rows, value

HEADER = "respondent,email,challenge,team"
GOOD = [f"r{n},planted-{n}@example.org,money,3" for n in range(1, 4)]


def test_every_rule_has_a_verdict(warehouse: Settings, tmp_path: Path) -> None:
    ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1)]))
    verdicts = "select count(*) from ops.validation_results where load_id = 1 and success"
    assert value(warehouse, verdicts) == read_suite(EXPECTATIONS / "registry").rule_count


def test_a_duplicate_key_rejects_the_load_and_names_the_key(warehouse: Settings, tmp_path: Path) -> None:
    products = [product(number) for number in range(1, 8)]
    file = snapshot(tmp_path, "2024-01-31", [*products, product(7, website="https://other.example.org")])
    load = ingest_snapshot(warehouse, file)
    assert load.status is LoadStatus.REJECTED
    assert "no_duplicate_key: 7" in (load.reason or "")


def test_a_product_without_a_name_rejects_the_load(warehouse: Settings, tmp_path: Path) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1), product(2, name=" ")]))
    assert load.status is LoadStatus.REJECTED
    assert "name_present: 2" in (load.reason or "")
    why = pipeline.why_refused(warehouse, load.load_id)
    (rule,) = why["rules"]
    assert (rule["rule"], rule["column_name"], rule["unexpected_count"]) == ("name_present", "name", 1)
    assert rule["example_keys"] == ["2"]


def test_an_unknown_stage_rejects_the_load(warehouse: Settings, tmp_path: Path) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1, stage="Famous")]))
    assert load.status is LoadStatus.REJECTED
    assert "stage_known" in (load.reason or "")


def test_an_unmapped_option_rejects_the_load_with_the_list(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    load = ingest_answers(settings, [*GOOD, "r4,planted-4@example.org,fame,3"], HEADER)
    assert load.status is LoadStatus.REJECTED
    assert "every_code_mapped: challenge = fame" in (load.reason or "")


def test_words_of_a_respondent_are_not_in_the_verdict(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    own_words = "r4,planted-4@example.org,Other: I am Jane Planted of a small clinic,3"
    load = ingest_answers(settings, [*GOOD, own_words], HEADER)
    assert load.status is LoadStatus.REJECTED
    assert "every_code_mapped: challenge = (a text of 42 characters)" in (load.reason or "")
    verdicts = rows(settings, "select v::text from ops.validation_results as v")
    assert "Jane" not in str(verdicts)


def test_an_unmapped_text_that_several_chose_is_named(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    chosen = [f"s{n},planted-{n}@example.org,Insufficient budget and costs,3" for n in range(3)]
    load = ingest_answers(settings, [*GOOD, *chosen], HEADER)
    assert "challenge = Insufficient budget and costs" in (load.reason or "")


def test_a_closed_wave_without_answers_is_rejected(warehouse: Settings, tmp_path: Path) -> None:
    """What a server says whose token may no longer see the submissions."""
    settings = survey_settings(warehouse, tmp_path)
    load = ingest_answers(settings, [], HEADER)
    assert load.status is LoadStatus.REJECTED
    assert "answers_have_not_vanished" in (load.reason or "")


def test_an_open_wave_may_have_no_answers_yet_but_not_lose_them(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path, closed_on=None, exported_on=None)
    days = [date(2024, 1, day) for day in (2, 3, 4)]
    files = [[], GOOD, []]
    loads = [
        ingest_answers(settings, rows_of_day, HEADER, as_of=day)
        for day, rows_of_day in zip(days, files, strict=True)
    ]
    assert [load.status.value for load in loads] == ["accepted", "accepted", "rejected"]


def test_a_number_that_is_none_rejects_the_load_without_showing_it(
    warehouse: Settings, tmp_path: Path
) -> None:
    settings = survey_settings(warehouse, tmp_path)
    load = ingest_answers(settings, [*GOOD, "r4,planted-4@example.org,money,just me"], HEADER)
    assert load.status is LoadStatus.REJECTED
    assert "numbers_are_numbers: team" in (load.reason or "")
    assert "just me" not in (load.reason or "")


def test_an_undeclared_field_rejects_the_load_by_its_name_alone(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    load = ingest_answers(settings, [f"{row},shoe 43" for row in GOOD], f"{HEADER},shoe_size")
    assert load.status is LoadStatus.REJECTED
    assert "every_field_declared: shoe_size" in (load.reason or "")
    assert not rows(settings, "select 1 from landing.payloads where payload::text like '%shoe%'")


def test_revalidate_accepts_once_the_field_is_ignored(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    load = ingest_answers(settings, [f"{row},43" for row in GOOD], f"{HEADER},shoe_size")
    assert load.status is LoadStatus.REJECTED

    mended = survey_settings(warehouse, tmp_path, ignore=["shoe_*"])
    again = pipeline.validate(mended, find_source(mended.source_roots, "tiny"), load)
    assert again.status is LoadStatus.ACCEPTED
    latest = "select count(*) from ops.validation_results where load_id = :load_id and is_latest"
    assert value(settings, latest, load_id=load.load_id) == read_suite(EXPECTATIONS / "survey").rule_count


def test_a_mapped_field_that_the_export_lacks_rejects_the_load(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    load = ingest_answers(settings, ["r1,planted-1@example.org,money"], "respondent,email,challenge")
    assert load.status is LoadStatus.REJECTED
    assert "every_mapped_field_present: team" in (load.reason or "")


def test_data_docs_hold_no_value_and_no_password(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path)
    rejected = ingest_answers(settings, [*GOOD, "planted-key,planted-4@example.org,fame,oops"], HEADER)
    pages = list((warehouse.home / "data_docs" / "tiny" / str(rejected.load_id)).rglob("*.html"))
    assert len(pages) > 3
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert "every_code_mapped" in text or "options.csv" in text
    for secret in ("fame", "oops", "planted", *_passwords(warehouse)):
        assert secret not in text


def _passwords(settings: Settings) -> list[str]:
    import json

    logins = json.loads((settings.home / "logins.json").read_text(encoding="utf-8"))
    return [login["password"] for login in logins.values() if "password" in login]


def test_data_docs_load_nothing_from_another_host(warehouse: Settings, tmp_path: Path) -> None:
    load = ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1)]))
    pages = list((warehouse.home / "data_docs" / "dpg_registry" / str(load.load_id)).rglob("*.html"))
    assert len(pages) >= 5
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert not re.findall(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']https?:""", html)
        assert "<style>body {" in html
    index = next(page for page in pages if page.name == "index.html").read_text(encoding="utf-8")
    linked = re.findall(r'<a href="([^"]+)"', index)
    assert len(linked) == 2  # the load, and its products
    assert all(
        (warehouse.home / "data_docs/dpg_registry" / str(load.load_id) / link).exists() for link in linked
    )


def test_data_docs_of_loads_share_their_pictures(warehouse: Settings, tmp_path: Path) -> None:
    for day in (1, 2):
        ingest_snapshot(warehouse, snapshot(tmp_path, f"2024-01-0{day}", [product(1), product(day + 1)]))
    docs = warehouse.home / "data_docs"
    static = [load / "static" for load in (docs / "dpg_registry").iterdir()]
    assert [folder.resolve() for folder in static] == [docs / "static"] * 2


@pytest.mark.parametrize(
    ("suite", "never"),
    [
        # A registry has no cells and maps no field; a pull of unknown shape never comes to the gate.
        ("registry", {FaultKind.CELL_ERROR, FaultKind.MISSING_FIELD, FaultKind.UNKNOWN_SHAPE}),
        ("survey", {FaultKind.UNKNOWN_SHAPE}),
    ],
)
def test_no_kind_of_fault_passes_the_gate_unjudged(suite: str, never: set[FaultKind]) -> None:
    (load,) = [asset for asset in read_suite(EXPECTATIONS / suite).assets if asset.asset == "load"]
    judged = {rule.kwargs["column"] for rule in load.rules if "column" in rule.kwargs}
    assert {f"{kind}_excess" for kind in set(FaultKind) - never} <= judged


def test_a_suite_whose_count_is_off_is_refused(tmp_path: Path) -> None:
    suite = _copied_suite(tmp_path, lambda content: content | {"rule_count": 3})
    with pytest.raises(UsageError, match="states 3 rules, but holds 15"):
        read_suite(suite)


def test_a_misspelt_expectation_is_refused_instead_of_dropped(
    warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Great Expectations itself drops an expectation that it doesn't know, and carries on."""

    def misspell(content: dict) -> dict:  # type: ignore[type-arg]
        content["assets"][1]["rules"][0]["expectation"] = "expect_column_values_to_not_be_nul"
        return content

    suite = _copied_suite(tmp_path, misspell)
    monkeypatch.setattr(gate, "suite_folder", lambda *_: suite)
    with pytest.raises(WarehouseError, match=r"lost rules.*name_present"):
        ingest_snapshot(warehouse, snapshot(tmp_path, "2024-01-31", [product(1)]))
    assert value(warehouse, "select status from ops.loads") == "landed"


def _copied_suite(folder: Path, change) -> Path:  # type: ignore[no-untyped-def]
    copytree(EXPECTATIONS, folder / "expectations")
    suite = folder / "expectations" / "registry"
    content = yaml.safe_load((suite / "suite.yml").read_text(encoding="utf-8"))
    (suite / "suite.yml").write_text(yaml.safe_dump(change(content)), encoding="utf-8")
    return suite
