"""What the project's own source folders say, and that a real survey is configured with files alone."""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from pydantic import BaseModel

from dpg_warehouse.configuration import (
    ConfigurationError,
    Feed,
    Option,
    PersonalData,
    Question,
    Source,
    SourceFile,
    Wave,
    read_sources,
)
from dpg_warehouse.configuration.questionnaire import Challenge, Correction, PublishedFigure
from dpg_warehouse.configuration.source_file import Frame
from dpg_warehouse.configuration.wave_files import Coding, FrameMargin, Translation
from dpg_warehouse.settings import PROJECT_ROOT

SOURCES = PROJECT_ROOT / "sources"
TEST_SOURCES = PROJECT_ROOT / "tests" / "sources"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return read_sources([SOURCES, TEST_SOURCES])


@pytest.fixture(scope="module")
def ospo_rows(sources: dict[str, Source]) -> Rows:
    """The raw file by field name, read with nothing but the csv module and the configured pattern."""
    source = sources["osposurvey"]
    wave = source.wave("2021")
    path = (source.folder / wave.location).resolve()
    if not path.exists():
        if os.environ.get("REQUIRE_REAL_DATA") == "1":
            pytest.fail(f"REQUIRE_REAL_DATA is set and {path.name} is not there")
        pytest.skip("the shared survey files are not beside the project")
    with path.open(encoding=wave.encoding, newline="") as file:
        head, _, *body = csv.reader(file)
    pattern = re.compile(wave.field_pattern or "")
    names = [match.group(1) if (match := pattern.match(name)) else name for name in head]
    assert len(set(names)) == len(names)
    return [dict(zip(names, row, strict=True)) for row in body if any(cell.strip() for cell in row)]


def test_the_sources_can_be_read(sources: dict[str, Source]) -> None:
    assert set(sources) == {"dpg_owners_survey", "dpg_registry", "osposurvey"}


def test_the_registry_points_at_the_public_api_and_drops_contacts(sources: dict[str, Source]) -> None:
    file = sources["dpg_registry"].file
    assert file.location == "https://app.digitalpublicgoods.net/api/dpgs"
    assert {"organizations[].contact_name", "organizations[].contact_email"} <= set(file.personal_data.drop)
    assert [(feed.feed, feed.precedence) for feed in file.feeds] == [
        ("api", 1),
        ("website", 2),
        ("candidates_repository", 3),
    ]


def test_every_challenge_has_a_definition_of_one_sentence_and_a_known_parent(
    sources: dict[str, Source],
) -> None:
    challenges = {c.challenge_id: c for c in sources["dpg_owners_survey"].challenges}
    assert {c.theme for c in challenges.values()} == {"financing", "scaling", "technical", "legal", "people"}
    for challenge in challenges.values():
        assert re.fullmatch(r"[A-Z][^.]+\.", challenge.definition), challenge.challenge_id
        if challenge.parent_challenge_id:
            assert challenges[challenge.parent_challenge_id].theme == challenge.theme
    assert len({c.sort for c in challenges.values()}) == len(challenges)


def test_a_first_wave_has_no_comparability_and_every_later_one_has(sources: dict[str, Source]) -> None:
    for source in sources.values():
        number = {wave.wave_id: wave.number for wave in source.file.waves}
        asked: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
        for question in source.questions:
            asked[question.question_id].append((number[question.wave_id], question.comparability))
        for question_id, waves in asked.items():
            grades = [grade for _, grade in sorted(waves)]
            assert grades[0] is None, question_id
            assert None not in grades[1:], question_id


def test_grades_agree_with_wordings_and_options(sources: dict[str, Source]) -> None:
    survey = sources["dpg_owners_survey"]
    previous: dict[str, tuple[str, set[tuple[str, float | None]]]] = {}
    for question in survey.questions:  # in the order of the waves
        options = survey.options_of(question.wave_id, question.question_id)
        now = (question.wording, {(option.option_id, option.scale_value) for option in options})
        before = previous.get(question.question_id, now)
        if question.comparability in ("identical", "reworded"):
            assert now[1] == before[1], question
            assert (now[0] == before[0]) is (question.comparability == "identical"), question
        elif question.comparability:
            assert now[1] != before[1], question
            assert question.comparability_note, question
        previous[question.question_id] = now


def test_the_sample_shows_each_way_in_which_waves_may_differ(sources: dict[str, Source]) -> None:
    grades = {question.comparability for question in sources["dpg_owners_survey"].questions}
    assert grades == {None, "identical", "reworded", "options_changed", "scale_changed"}


def test_a_misspelt_challenge_is_refused(tmp_path: Path) -> None:
    for file in SOURCES.glob("challenges.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    folder = tmp_path / "dpg_owners_survey"
    folder.mkdir()
    for file in (SOURCES / folder.name).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    options = folder / "options.csv"
    options.write_text(options.read_text(encoding="utf-8").replace(",licensing,,\n", ",licencing,,\n"))
    with pytest.raises(ConfigurationError, match=r"challenge licencing is not in challenges\.csv"):
        read_sources([tmp_path])


@pytest.mark.real_data
def test_the_real_survey_has_its_known_number_of_responses(ospo_rows: Rows) -> None:
    assert len(ospo_rows) == 1141
    assert len({row["Respondent ID"] for row in ospo_rows}) == 1141


@pytest.mark.real_data
def test_every_declared_field_and_answer_of_the_real_survey_is_mapped(
    sources: dict[str, Source], ospo_rows: Rows
) -> None:
    survey = sources["osposurvey"]
    assert survey.declared_fields("2021") <= ospo_rows[0].keys()
    for question in survey.questions:
        if (question.wave_id, question.layout) == ("2021", "value"):
            codes = {option.code for option in survey.options_of("2021", question.question_id)}
            assert {row[question.field] for row in ospo_rows} - {""} <= codes, question.question_id


@pytest.mark.real_data
def test_the_mapping_gives_the_published_share_of_funding_likely_to_increase(
    sources: dict[str, Source], ospo_rows: Rows
) -> None:
    """The two highest steps of the scale, of all who answered; don't-knows stay in the base."""
    survey = sources["osposurvey"]
    question = next(q for q in survey.questions if q.question_id == "funding_outlook")
    scale = {o.code: o.scale_value for o in survey.options_of("2021", question.question_id)}
    answers = [row[question.field] for row in ospo_rows if row[question.field]]
    top2 = sorted((value for value in scale.values() if value is not None), reverse=True)[:2]
    assert (sum(scale[answer] in top2 for answer in answers), len(answers)) == (121, 245)


@pytest.mark.real_data
def test_the_mapping_gives_the_published_share_of_insufficient_budget(
    sources: dict[str, Source], ospo_rows: Rows
) -> None:
    """Of those who chose at least one challenge."""
    options = sources["osposurvey"].options_of("2021", "challenges")
    answered = [row for row in ospo_rows if any(row[option.field] for option in options)]
    budget = next(option for option in options if option.challenge_id == "budget")
    assert (sum(bool(row[budget.field]) for row in answered), len(answered)) == (82, 248)


@pytest.mark.parametrize(
    "part",
    [
        *(SourceFile, Wave, Feed, Frame, PersonalData),
        *(Question, Option, Challenge, Correction, PublishedFigure),
        *(FrameMargin, Translation, Coding),
    ],
)
def test_the_guide_explains_every_entry(part: type[BaseModel]) -> None:
    guide = (PROJECT_ROOT / "docs" / "add_a_source.md").read_text(encoding="utf-8")
    assert [name for name in part.model_fields if f"`{name}`" not in guide] == []


def test_the_guides_examples_can_be_read(tmp_path: Path) -> None:
    guide = (PROJECT_ROOT / "docs" / "add_a_source.md").read_text(encoding="utf-8")
    for text in re.findall(r"^ *```yaml\n(.*?)^ *```", guide, re.DOTALL | re.MULTILINE):
        folder = tmp_path / yaml.safe_load(text)["source_id"]
        folder.mkdir()
        (folder / "source.yml").write_text(text, encoding="utf-8")
    tables = re.findall(r"^ *```csv\n(.*?)^ *```", guide, re.DOTALL | re.MULTILINE)
    names = ("questions", "options", "corrections", "frame", "translations", "codings")
    for name, text in zip(names, tables, strict=True):
        (tmp_path / "my_survey" / f"{name}.csv").write_text(dedent(text), encoding="utf-8")
    (tmp_path / "challenges.csv").write_bytes((SOURCES / "challenges.csv").read_bytes())
    sources = read_sources([tmp_path])
    assert sources["my_registry"].file.kind == "registry"
    survey = sources["my_survey"]
    assert {question.question_id for question in survey.questions} == {o.question_id for o in survey.options}
    assert [len(rows) for rows in (survey.corrections, survey.frame, survey.codings)] == [2, 2, 1]
