"""`dpgw survey` as a person meets it, and drafts from the form of a survey server."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.crosswalk import Draft
from dpg_warehouse.pipeline import surveying
from dpg_warehouse.records import Credentials, LoadStatus, PullRequest, ShapeError, UsageError
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from sample_data.kobo_server import DEFAULT_FOLDER, Bodies, KoboServer
from tests.integration.test_cli import dpgw
from tests.unit.crosswalk.builders import OPTIONS, QUESTIONS, survey_folder

SAMPLE = PROJECT_ROOT / "sources" / "dpg_owners_survey"


@pytest.fixture
def offline(offline_settings: Settings, tmp_path: Path) -> Settings:
    """An installation without a server, which knows the survey `tiny`."""
    survey_folder(tmp_path / "roots")
    (tmp_path / "roots" / "challenges.csv").unlink()  # the project's own has what it needs
    return replace(offline_settings, source_roots=(*offline_settings.source_roots[:1], tmp_path / "roots"))


def test_sound_files_exit_with_0_and_show_what_they_cover(offline: Settings) -> None:
    checked = dpgw(offline, "survey", "check", "tiny")
    assert checked.returncode == 0, checked.stderr
    assert "scale 4" in checked.stdout
    assert "multiple 2 (1 challenges)" in checked.stdout
    assert "tiny is sound." in checked.stdout


def test_everything_wrong_is_told_at_once_and_exits_with_2(offline: Settings, tmp_path: Path) -> None:
    folder = survey_folder(
        tmp_path / "roots",
        questions=QUESTIONS.replace(",scale,", ",scael,"),
        options=OPTIONS.replace(",financing,", ",finance,"),
    )
    (folder.parent / "challenges.csv").unlink()
    checked = dpgw(offline, "survey", "check", "tiny")
    assert checked.returncode == 2
    assert "questions.csv, line 2: kind: " in checked.stdout
    assert "options.csv, line 6: challenge finance is not in challenges.csv" in checked.stdout
    assert "tiny has 2 problems to mend." in checked.stderr
    assert "Traceback" not in checked.stderr


def test_what_an_export_and_the_files_dont_agree_on_is_told(offline: Settings, tmp_path: Path) -> None:
    export = tmp_path / "roots" / "tiny" / "w1.csv"
    export.write_text("respondent,outlook,challenges,more\n" + "r1,5,m,x\n" * 4, encoding="utf-8")
    checked = dpgw(offline, "survey", "check", "tiny")
    assert checked.returncode == 2
    assert "wave w1: more is neither declared nor ignored" in checked.stdout
    assert "wave w1: outlook: options.csv lacks 5" in checked.stdout


def test_an_export_that_cannot_be_read_is_a_finding_and_hides_no_other_wave(
    offline: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "roots" / "tiny"
    (folder / "w1.csv").write_bytes(b"respondent,outlook,challenges\nr1,1,caf\xe9\n")
    (folder / "w2.csv").write_text("respondent,more\nr1,x\n", encoding="utf-8")
    checked = dpgw(offline, "survey", "check", "tiny")
    assert checked.returncode == 2
    assert "wave w1: " in checked.stdout
    assert "wave w2: more is neither declared nor ignored: add it to questions.csv" in checked.stdout
    assert "Traceback" not in checked.stderr


def test_a_wave_that_is_not_there_yet_says_what_to_add(offline: Settings) -> None:
    said = dpgw(offline, "survey", "draft", "tiny", "--wave", "w3")
    assert said.returncode == 2
    assert "Add it under `waves` in source.yml with wave_id, number" in said.stderr
    assert "--from FILE --connector delimited|xlsx|xlsform" in said.stderr


@pytest.mark.parametrize(
    ("location", "connector", "sentence"),
    [
        ("nowhere.csv", "delimited", "There is no file"),
        ("w3.csv", "kobotoolbox", "no XLSForm"),
        ("w3.csv", "xlsform", "no XLSForm"),
        ("w3.csv", "delimited", "no question was recognised"),
    ],
)
def test_a_file_of_which_nothing_can_be_drafted_is_refused(
    offline: Settings, tmp_path: Path, location: str, connector: str, sentence: str
) -> None:
    (tmp_path / "w3.csv").write_text("respondent\nr1\nr2\n", encoding="utf-8")
    source = find_source(offline.source_roots, "tiny")
    request = surveying.DraftRequest("w3", str(tmp_path / location), connector)
    with pytest.raises((UsageError, ShapeError), match=sentence):
        surveying.draft_survey(offline, source, request, None)


def test_a_codebook_of_another_export_is_refused(offline: Settings, tmp_path: Path) -> None:
    source = find_source(offline.source_roots, "tiny")
    (source.folder / "w2.csv").write_text("respondent,outlook\n" + "r1,1\nr2,2\n" * 4, encoding="utf-8")
    codebook = tmp_path / "codebook.csv"
    request = surveying.DraftRequest("w2", str(source.folder / "w2.csv"), "delimited", codebook=codebook)
    codebook.write_text("Q#,R#,Label\nQ7,1,More\nQ7,2,Less\n", encoding="utf-8")
    with pytest.raises(UsageError, match="the codebook names no column of the export"):
        surveying.draft_survey(offline, source, request, None)
    codebook.write_text("Q#,R#,Label\noutlook,1,More\noutlook,2,Less\n", encoding="utf-8")
    draft, _ = surveying.draft_survey(offline, source, request, None)
    assert [row["label"] for row in draft.options] == ["More", "Less"]


def test_a_draft_that_would_bring_problems_is_not_adopted_and_exits_with_2(
    offline: Settings, tmp_path: Path
) -> None:
    form = tmp_path / "w3.csv"
    form.write_text("respondent,Where?\n" + "".join(f"r{n},Here\n" for n in range(4)), encoding="utf-8")
    drafted = dpgw(
        offline, "survey", "draft", "tiny", "--wave", "w3", "--from", str(form), "--connector", "delimited"
    )
    assert drafted.returncode == 0, drafted.stderr
    questions = tmp_path / "roots" / "tiny" / "draft_w3_questions.csv"
    text = questions.read_text(encoding="utf-8")
    questions.write_text(text.replace(",other,", ",elsewhere,"), encoding="utf-8")
    refused = dpgw(offline, "survey", "adopt", "tiny", "--wave", "w3")
    assert refused.returncode == 2
    assert "draft_w3_questions.csv, line 2: w3, where has theme elsewhere" in refused.stdout
    assert "would bring 1 problem, so nothing was changed" in refused.stderr
    questions.write_text(text, encoding="utf-8")
    adopted = dpgw(offline, "survey", "adopt", "tiny", "--wave", "w3")
    assert adopted.returncode == 0, adopted.stderr
    assert "questions.csv: 1 row of wave w3 added" in adopted.stdout
    assert "Wave w3 is not in source.yml yet" in adopted.stdout


# --- From a survey server ---


@pytest.fixture
def sample_without_2024(warehouse: Settings, tmp_path: Path) -> Settings:
    """The sample's survey as it was before anybody had written the rows of its third wave."""
    root = tmp_path / "roots"
    folder = root / "dpg_owners_survey"
    folder.mkdir(parents=True)
    (root / "challenges.csv").write_bytes((SAMPLE.parent / "challenges.csv").read_bytes())
    (folder / "source.yml").write_bytes((SAMPLE / "source.yml").read_bytes())
    for name in ("questions", "options"):
        with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            kept = [row for row in reader if row["wave_id"] != "2024"]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(reader.fieldnames or ()))
            writer.writeheader()
            writer.writerows(kept)
    return replace(warehouse, source_roots=(root,))


@pytest.fixture
def server() -> Iterator[KoboServer]:
    with KoboServer(Bodies.read(DEFAULT_FOLDER), "t") as started:
        yield started


def held_against(true: Source, draft: Draft) -> tuple[set[str], set[str]]:
    """The questions of earlier waves that the draft matched rightly, and those that it missed."""
    earlier = {question.question_id for question in true.questions if question.wave_id < "2024"}
    by_field = {
        "|".join(part.rsplit("/", 1)[-1] for part in question.fields): question.question_id
        for question in true.questions
        if question.wave_id == "2024" and question.question_id in earlier and question.layout != "coded"
    }
    found = {row["field"]: row["question_id"] for row in draft.questions if row["match"]}
    right = {name for field, name in by_field.items() if found.get(field) == name}
    assert {name for name in found.values() if name in earlier} == right
    return right, set(by_field.values()) - right


def test_a_deployed_form_is_drafted_live_and_as_it_landed(
    sample_without_2024: Settings, server: KoboServer
) -> None:
    true = find_source((SAMPLE.parent,), "dpg_owners_survey")
    source = find_source(sample_without_2024.source_roots, "dpg_owners_survey")
    credentials = Credentials(server.url, "t")
    request = surveying.DraftRequest("2024")
    with pytest.raises(UsageError, match="has no form that landed; set DPGW_CONN_"):
        surveying.draft_survey(sample_without_2024, source, request, None)
    live, files = surveying.draft_survey(sample_without_2024, source, request, credentials)
    right, missed = held_against(true, live)
    assert missed == set()
    assert len(right) >= 14
    assert live.form.personal_fields == ("closing/contact_email",)
    shown = {row["question_id"]: row["shown_if"] for row in live.questions if row["shown_if"]}
    assert shown == {
        "implementer_concerns": "role = implementer",
        "supposed_concerns": "role = owner",
    }
    assert {row["language"] for row in live.translations} == {"fr"}
    for file in files:
        file.unlink()
    load = pipeline.ingest(
        replace(sample_without_2024, source_roots=(SAMPLE.parent,)),
        true,
        PullRequest("dpg_owners_survey", "2024", None, None),
        credentials,
    )
    assert load.status is LoadStatus.ACCEPTED
    landed, _ = surveying.draft_survey(sample_without_2024, source, request, None)
    assert landed.questions == live.questions
    assert landed.options == live.options


def test_a_landed_form_is_held_against_the_files(warehouse: Settings, server: KoboServer) -> None:
    settings = replace(warehouse, source_roots=(SAMPLE.parent,))
    source = find_source(settings.source_roots, "dpg_owners_survey")
    before = surveying.check_survey(settings, "dpg_owners_survey")
    assert "wave 2024: neither its export nor a landed form is at hand" in before.notes
    request = PullRequest("dpg_owners_survey", "2024", None, None)
    load = pipeline.ingest(settings, source, request, Credentials(server.url, "t"))
    assert load.status is LoadStatus.ACCEPTED, load.reason
    after = surveying.check_survey(settings, "dpg_owners_survey")
    assert after.notes == ()
    assert [finding for finding in after.findings if finding.rejects] == []
