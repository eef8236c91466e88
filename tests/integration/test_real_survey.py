"""Three waves of a real survey in three layouts, from exports to marts; figures known from elsewhere."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.crosswalk import Draft
from dpg_warehouse.database import Role
from dpg_warehouse.pipeline import surveying
from dpg_warehouse.records import LoadStatus, PullRequest, WarehouseError
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from tests.conftest import REAL_DATA
from tests.queries import everything_as_text, rows
from tests.servers_postgres import EMBEDDED, Servers

pytestmark = pytest.mark.usefixtures("real_data")

EXPORTS = {
    "2021": REAL_DATA / "surveys" / "osposurvey" / "2021" / "results_2021.csv",
    "2022": REAL_DATA / "surveys" / "osposurvey" / "2022" / "RawData.csv",
    "2023": REAL_DATA / "surveys" / "osposurvey" / "2023" / "RawData.csv",
}
CODEBOOK = REAL_DATA / "surveys" / "osposurvey" / "2022" / "Data-SurveyReferenceModel.csv"
IPV4 = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")


def with_roots(settings: Settings, *roots: Path) -> Settings:
    return replace(settings, source_roots=(*settings.source_roots[:1], *roots))


@pytest.fixture(scope="module")
def published(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A publish of all three waves."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data are not beside the repository")
    home = tmp_path_factory.mktemp("real_survey") / "home"
    with servers.clean_database(EMBEDDED, home) as own:
        settings = with_roots(own, PROJECT_ROOT / "tests" / "sources")
        source = find_source(settings.source_roots, "osposurvey")
        for wave in source.file.waves:
            load = pipeline.ingest(settings, source, PullRequest("osposurvey", wave.wave_id, None, None))
            assert load.status is LoadStatus.ACCEPTED, load.reason
        outcome = pipeline.build(settings)
        assert outcome.status == "published", outcome.reason
        yield settings


def marts(settings: Settings, statement: str) -> list[Any]:
    return rows(settings, statement, Role.BI_READER)


def test_each_wave_has_its_number_of_responses(published: Settings) -> None:
    assert marts(published, "select wave_id, response_count from marts.dim_wave order by 1") == [
        ("2021", 1141),
        ("2022", 1048),
        ("2023", 489),
    ]


def test_funding_likely_to_increase_has_its_known_share_and_direction_in_each_wave(
    published: Settings,
) -> None:
    """The codes run from more to less in 2022, from less to more in 2023; don't-knows are in the base."""
    found = marts(
        published,
        """
        select wave_id, chosen_count, base_count, option_label from marts.trend_answer_share
        where question_id = 'funding_outlook' and measure = 'scale_top2' order by 1
        """,
    )
    assert [row[:3] for row in found] == [("2021", 121, 245), ("2022", 177, 392), ("2023", 123, 287)]
    for *_, label in found:
        assert "increase" in label
        assert "decrease" not in label


def test_insufficient_budget_has_its_known_share_of_those_who_answered(published: Settings) -> None:
    assert marts(
        published,
        """
        select wave_id, chosen_count, base_count from marts.trend_answer_share
        where question_id = 'challenges' and option_id = 'budget' order by 1
        """,
    ) == [("2021", 82, 248), ("2022", 85, 317), ("2023", 83, 243)]


@pytest.mark.parametrize(
    ("wave_id", "header_rows", "column", "codes"),
    [
        ("2021", 2, 24, {"Yes": "yes", "No": "no", "Don't know": "dont_know"}),
        ("2022", 3, 25, {"1": "yes", "2": "no", "3": "dont_know"}),
    ],
)
def test_a_row_of_a_matrix_equals_a_count_by_hand(
    published: Settings, wave_id: str, header_rows: int, column: int, codes: dict[str, str]
) -> None:
    with EXPORTS[wave_id].open(encoding="utf-8-sig", newline="") as file:
        body = list(csv.reader(file))[header_rows:]
    counted = {option: sum(row[column] == code for row in body) for code, option in codes.items()}
    found = rows(
        published,
        """
        select option_id, chosen_count from marts.trend_answer_share
        where question_id = 'policy_use' and wave_id = :wave_id
        """,
        Role.BI_READER,
        wave_id=wave_id,
    )
    assert dict(found) == counted


def test_an_option_that_a_wave_did_not_offer_is_not_one_that_nobody_chose(published: Settings) -> None:
    assert marts(
        published,
        """
        select wave_id, cell_status, chosen_count from marts.trend_answer_share
        where question_id = 'challenges' and option_id = 'dont_know' order by 1
        """,
    ) == [("2021", "not_offered", None), ("2022", "not_offered", None), ("2023", "published", 16)]


def test_the_report_of_comparisons_is_right(published: Settings) -> None:
    found = marts(
        published,
        """
        select question_id, wave_id, grade, is_series_break, comparable_run, run_grade
        from marts.question_comparability
        where question_id in ('challenges', 'funding_outlook', 'has_programme', 'organization_size')
        order by 1, 2
        """,
    )
    assert found == [
        ("challenges", "2022", "reworded", False, 1, "reworded"),
        ("challenges", "2023", "options_changed", False, 1, "options_changed"),
        ("funding_outlook", "2022", "reworded", False, 1, "reworded"),
        ("funding_outlook", "2023", "identical", False, 1, "reworded"),
        ("has_programme", "2022", "options_changed", True, 2, None),
        ("has_programme", "2023", "identical", False, 2, "identical"),
        ("organization_size", "2022", "broken", True, 2, None),
        ("organization_size", "2023", "options_changed", True, 3, None),
    ]


def test_a_split_option_is_compared_by_what_both_waves_offered(published: Settings) -> None:
    """Yes became a formal and an informal yes: together they are what is neither no nor planned."""
    assert rows(
        published,
        """
        select option_id, common_option_id, is_in_both from intermediate.int_options_common
        where question_id = 'has_programme' and base_wave_id = '2021' and wave_id = '2022' order by 1
        """,
        Role.TRANSFORMER,
    ) == [
        ("formal", "other_options", True),
        ("informal", "other_options", True),
        ("no", "no", True),
        ("planned", "planned", True),
        ("yes", "other_options", True),
    ]


def test_waves_say_what_else_changed_between_them(published: Settings) -> None:
    found = {
        (wave_id, aspect): (grade, note)
        for wave_id, aspect, grade, note in marts(
            published, "select wave_id, aspect, grade, note from marts.wave_comparability"
        )
    }
    assert len(found) == 8
    assert found["2022", "frame"][0] == "changed"
    assert "not involved in open source" in found["2022", "frame"][1]
    assert found["2023", "frame"][0] == "unknown"
    assert {
        found[wave, aspect][0] for wave in ("2022", "2023") for aspect in ("mode", "season", "languages")
    } == {"same"}


# --- Nobody's address, in any place ---


@pytest.fixture(scope="module")
def addresses() -> set[str]:
    """Every IP and e-mail address of the three exports."""
    text = "\n".join(path.read_text(encoding="utf-8-sig") for path in EXPORTS.values())
    found = {*IPV4.findall(text), *EMAIL.findall(text)}
    assert len(found) > 500
    return found


def found_in(text: str, addresses: set[str]) -> set[str]:
    return addresses & {*IPV4.findall(text), *EMAIL.findall(text)}


def test_no_address_is_in_any_column_of_the_database(published: Settings, addresses: set[str]) -> None:
    assert found_in(everything_as_text(published), addresses) == set()


def files_below(folder: Path) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def test_no_address_is_in_a_log_or_in_data_docs(published: Settings, addresses: set[str]) -> None:
    assert list(published.home.rglob("*.html"))
    assert found_in(files_below(published.home), addresses) == set()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A root with a copy of the survey's files, which a test may spoil."""
    folder = tmp_path / "osposurvey"
    folder.mkdir()
    for file in (PROJECT_ROOT / "tests" / "sources" / "osposurvey").iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    change_waves(tmp_path)
    return tmp_path


def change_waves(root: Path, **changes: Any) -> None:
    """Point the copied waves at the exports, and change them."""
    file = root / "osposurvey" / "source.yml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    for wave in said["waves"]:
        wave.update({"location": str(EXPORTS[wave["wave_id"]])} | changes)
    file.write_text(yaml.safe_dump(said), encoding="utf-8")


def spoiled(copied: Path, how: str) -> None:
    options = copied / "osposurvey" / "options.csv"
    text = options.read_text(encoding="utf-8")
    if how == "nothing is ignored":
        change_waves(copied, ignore=[])
    elif how == "a header row too many":
        change_waves(copied, ignore=[], header_rows=3)
    elif how == "a code is missing":
        options.write_text(
            text.replace(
                '2021,has_programme,planned,,"No, but planning one"', "2021,has_programme,planned,,x"
            )
        )
    elif how == "the key is an address":
        change_waves(copied, respondent_key="IP Address", personal_data={"drop": []})
    elif how == "the export is cut":
        cut = copied / "cut.csv"
        cut.write_bytes(EXPORTS["2021"].read_bytes()[:400_000])
        change_waves(copied, location=str(cut))


@pytest.mark.parametrize(
    "how",
    [
        "nothing is ignored",
        "a header row too many",
        "a code is missing",
        "the key is an address",
        "the export is cut",
    ],
)
def test_no_address_is_in_what_is_said_of_a_failure(
    warehouse: Settings, copied: Path, addresses: set[str], how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    spoiled(copied, how)
    settings = with_roots(warehouse, copied)
    source = find_source(settings.source_roots, "osposurvey")
    try:
        load = pipeline.ingest(settings, source, PullRequest("osposurvey", "2021", None, None))
    except WarehouseError as error:
        told = str(error)
    else:
        assert load.status is LoadStatus.REJECTED
        told = f"{load.reason} {pipeline.why_refused(settings, load.load_id)}"
    said = capfd.readouterr()
    everywhere = "\n".join(
        [told, said.out, said.err, everything_as_text(settings), files_below(settings.home)]
    )
    assert found_in(everywhere, addresses) == set()


# --- A wave that is drafted from its export ---


def without_wave(root: Path, wave_id: str) -> None:
    for name in ("questions", "options"):
        path = root / "osposurvey" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            kept = [row for row in reader if row["wave_id"] != wave_id]
            columns = list(reader.fieldnames or ())
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(kept)


def matched(true: Source, draft: Draft) -> tuple[set[str], set[str]]:
    """The right and the wrong matches of a draft, held against the files that people wrote."""
    by_field: dict[str, str] = {}
    for question in true.questions:
        if question.wave_id == draft.wave_id:
            offered = true.options_of(draft.wave_id, question.question_id)
            by_field |= dict.fromkeys((question.field, *(o.field for o in offered)), question.question_id)
    by_field.pop("", None)
    right: set[str] = set()
    wrong: set[str] = set()
    for row in draft.questions:
        fields = [
            row["field"],
            *(o["field"] for o in draft.options if o["question_id"] == row["question_id"]),
        ]
        should = next((by_field[field] for field in fields if field in by_field), None)
        if row["match"]:
            (right if row["question_id"] == should else wrong).add(row["question_id"])
    return right, wrong


@pytest.mark.parametrize(("wave_id", "least"), [("2022", 8), ("2023", 9)])
def test_a_drafted_wave_is_accepted_and_suggests_no_wrong_match(
    warehouse: Settings, copied: Path, wave_id: str, least: int, addresses: set[str]
) -> None:
    """The wordings in the crosswalk are paraphrased, so that some matches are missed; none is wrong."""
    settings = with_roots(warehouse, copied)
    true = find_source(settings.source_roots, "osposurvey")
    without_wave(copied, wave_id)
    if wave_id == "2022":
        without_wave(copied, "2023")
    source = find_source(settings.source_roots, "osposurvey")
    request = surveying.DraftRequest(wave_id, codebook=CODEBOOK if wave_id == "2022" else None)
    draft, files = surveying.draft_survey(settings, source, request, None)
    right, wrong = matched(true, draft)
    assert wrong == set()
    assert len(right) >= least
    assert found_in("\n".join(path.read_text(encoding="utf-8") for path in files), addresses) == set()
    assert surveying.adopt_draft(settings, "osposurvey", wave_id).problems == ()
    assert surveying.check_survey(settings, "osposurvey").problems == ()
    adopted = find_source(settings.source_roots, "osposurvey")
    load = pipeline.ingest(settings, adopted, PullRequest("osposurvey", wave_id, None, None))
    assert load.status is LoadStatus.ACCEPTED, pipeline.why_refused(settings, load.load_id)


def test_the_drafted_funding_outlook_has_the_right_direction(warehouse: Settings, copied: Path) -> None:
    settings = with_roots(warehouse, copied)
    without_wave(copied, "2023")
    source = find_source(settings.source_roots, "osposurvey")
    draft, _ = surveying.draft_survey(settings, source, surveying.DraftRequest("2023"), None)
    assert {
        row["code"]: row["scale_value"] for row in draft.options if row["question_id"] == "funding_outlook"
    } == {"0": "", "1": "1", "2": "2", "3": "3", "4": "4", "5": "5"}


def test_the_files_are_sound_and_cover_three_waves(copied: Path, offline_settings: Settings) -> None:
    checked = surveying.check_survey(with_roots(offline_settings, copied), "osposurvey")
    assert checked.is_sound
    assert checked.findings == ()
    assert checked.notes == ()
    assert checked.coverage is not None
    assert checked.coverage.wave_ids == ("2021", "2022", "2023")
    assert ("policy_third_party", "2021") not in checked.coverage.cells
