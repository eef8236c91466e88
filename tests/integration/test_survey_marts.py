"""The survey marts as readers see them, from exports through landing, gates and build."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import Question, Source, find_source
from dpg_warehouse.configuration.questionnaire import Correction
from dpg_warehouse.database import Role
from dpg_warehouse.records import LoadStatus, PullRequest
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from tests.conftest import REAL_DATA
from tests.pulls import ingest_answers, survey_settings
from tests.queries import everything_as_text, rows
from tests.servers_postgres import EMBEDDED, Servers

SAMPLE = PROJECT_ROOT / "sample_data" / "dpg_owners_survey" / "wave_2022.csv"
TINY_HEADER = "respondent,challenge,team,email"
IPV4 = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
Cell = tuple[str, str, str]  # question, measure, option


def ingest(settings: Settings, source_id: str, wave_id: str) -> None:
    source = find_source(settings.source_roots, source_id)
    load = pipeline.ingest(settings, source, PullRequest(source_id, wave_id, None, None))
    assert load.status is LoadStatus.ACCEPTED, load.reason


@pytest.fixture(scope="module")
def published(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A publish of two waves of the sample, of a tiny survey's open wave and of a real survey."""
    folder = tmp_path_factory.mktemp("surveys")
    with servers.clean_database(EMBEDDED, folder / "home") as own:
        tiny = survey_settings(own, folder, closed_on=None)
        settings = replace(tiny, source_roots=(*tiny.source_roots, PROJECT_ROOT / "tests" / "sources"))
        ingest(settings, "dpg_owners_survey", "2022")
        ingest(settings, "dpg_owners_survey", "2023")
        ingest_answers(settings, [f"r{n},money,{n}," for n in range(1, 13)], TINY_HEADER)
        if REAL_DATA.is_dir():
            ingest(settings, "osposurvey", "2021")
        outcome = pipeline.build(settings)
        assert outcome.status == "published", outcome.reason
        yield settings


def test_headline_trend_shows_share_interval_and_bounds(published: Settings) -> None:
    ((*figures, text, origin),) = rows(
        published,
        """
        select share, ci_low, ci_high, bound_low, bound_high, share_text, data_origin
        from marts.trend_financing
        where
            wave_id = '2022' and measure = 'first_choice' and segment_kind = 'all'
            and question_id = 'first_challenges' and option_id = 'financing'
        """,
        Role.BI_READER,
    )
    assert [round(figure, 3) for figure in figures] == [0.650, 0.507, 0.773, 0.173, 0.907]
    assert (text, origin) == ("65 % (51\N{EN DASH}77)", "synthetic")


def test_every_cell_of_a_wave_equals_a_count_by_hand(published: Settings) -> None:
    found = {
        (question, measure, option): (base, chosen)
        for question, measure, option, base, chosen in rows(
            published,
            """
            select question_id, measure, option_id, base_count, chosen_count
            from marts.trend_answer_share
            where
                survey_id = 'dpg_owners_survey' and wave_id = '2022' and cell_status = 'published'
                and not starts_with(option_id, 'challenge_')
            """,
            Role.BI_READER,
        )
    }
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        answers = list(csv.DictReader(file))
    by_hand = counted_by_hand(find_source(published.source_roots, "dpg_owners_survey"), answers)
    # Small cells of questions that were put to one role: those who were asked are a segment.
    withheld = {(q, "any_mention", "none") for q in ("implementer_concerns", "supposed_concerns")}
    assert found == {cell: counts for cell, counts in by_hand.items() if cell not in withheld}


def counted_by_hand(source: Source, answers: list[dict[str, str]]) -> dict[Cell, tuple[int, int]]:
    cells: dict[Cell, tuple[int, int]] = {}
    role_codes = {o.option_id: o.code for o in source.options_of("2022", "role")}
    for question in source.questions:
        if question.wave_id == "2022" and question.kind not in ("number", "text"):
            asked = [a for a in answers if question.asked_of in ("all", role_of(a, role_codes))]
            chosen = [chosen_options(source, question, a) for a in asked]
            if source.base_of(question) == "answered":
                chosen = [c for c in chosen if any(c)]
            cells |= cells_of(source, question, chosen)
    return cells


def role_of(answer: dict[str, str], role_codes: dict[str, str]) -> str:
    return next(role for role, code in role_codes.items() if code == answer["role"])


def chosen_options(source: Source, question: Question, answer: dict[str, str]) -> list[str]:
    """The options chosen, in order of rank; '' for a rank left blank."""
    options = source.options_of("2022", question.question_id)
    if question.layout == "coded":
        return [c.option_id for c in source.codings if c.record_key == answer["response_id"]]
    if question.layout == "column_per_option":
        return [
            o.option_id for o in options if answer[o.field] and answer[o.field] == (o.code or answer[o.field])
        ]
    by_code = {o.code: o.option_id for o in options}
    return [by_code[answer[field]] if answer[field] else "" for field in question.fields]


def cells_of(source: Source, question: Question, chosen: list[list[str]]) -> dict[Cell, tuple[int, int]]:
    options = source.options_of("2022", question.question_id)
    if question.kind == "scale":
        steps = sorted((o for o in options if o.scale_value is not None), key=lambda o: o.scale_value or 0)
        top = {o.option_id for o in steps[-2:]}
        count = sum(bool(top.intersection(c)) for c in chosen)
        return {(question.question_id, "scale_top2", "top_two"): (len(chosen), count)}
    places = {
        "single": {"first_choice": 1},
        "multiple": {"any_mention": 99},
        "rank": {"first_choice": 1, "top3": 3, "any_mention": 99},
    }[question.kind]
    return {
        (question.question_id, measure, o.option_id): (
            len(chosen),
            sum(o.option_id in c[:last] for c in chosen),
        )
        for measure, last in places.items()
        for o in options
    }


def test_excluded_response_is_left_out_and_counted(published: Settings) -> None:
    assert rows(
        published,
        """
        select response_count, excluded_count, wave_status from marts.dim_wave
        where survey_id = 'dpg_owners_survey' and wave_id = '2023'
        """,
        Role.BI_READER,
    ) == [(43, 1, "closed")]


def test_question_of_one_role_has_that_roles_base_and_invited_list(published: Settings) -> None:
    ((base, method, bound),) = rows(
        published,
        """
        select base_count, ci_method, bound_low from marts.trend_implementer_concern
        where
            wave_id = '2022' and question_id = 'implementer_concerns' and option_id = 'financing'
            and cell_status = 'published'
        """,
        Role.BI_READER,
    )
    ((implementers,),) = rows(
        published,
        """
        select chosen_count from marts.trend_answer_share
        where wave_id = '2022' and question_id = 'role' and option_id = 'implementer'
        """,
        Role.BI_READER,
    )
    assert (base, method) == (implementers, "hypergeometric_exact")
    assert bound == pytest.approx(8 / 35)  # 8 of the 35 implementers who were invited


def test_option_that_a_wave_did_not_offer_has_a_row_without_figures(published: Settings) -> None:
    assert rows(
        published,
        """
        select wave_id, cell_status, base_count, chosen_count, share, share_text, is_low_reliability
        from marts.trend_support_need
        where question_id = 'expert_pool_use' and option_id = 'security_review' and segment_kind = 'all'
            and cell_status <> 'published'
        """,
        Role.BI_READER,
    ) == [("2022", "not_offered", None, None, None, None, None)]


def test_answers_of_an_open_wave_are_not_published(published: Settings) -> None:
    assert rows(
        published,
        "select wave_status, response_count from marts.dim_wave where survey_id = 'tiny'",
        Role.BI_READER,
    ) == [("open", 12)]
    assert (
        rows(published, "select 1 from marts.trend_answer_share where survey_id = 'tiny'", Role.BI_READER)
        == []
    )


def test_published_words_stand_beside_the_figures(published: Settings) -> None:
    words = rows(
        published, "select value_text, n_text, data_origin from marts.published_figure", Role.BI_READER
    )
    assert ("nearly 65 %", "approximately 40", "collected") in words


@pytest.mark.usefixtures("real_data")
def test_real_survey_configured_with_files_alone_gives_its_true_figures(published: Settings) -> None:
    assert rows(
        published,
        """
        select question_id, option_id, chosen_count, base_count, data_origin
        from marts.trend_answer_share
        where survey_id = 'osposurvey' and (measure = 'scale_top2' or option_id = 'budget')
        order by question_id
        """,
        Role.BI_READER,
    ) == [
        ("challenges", "budget", 82, 248, "collected"),
        ("funding_outlook", "top_two", 121, 245, "collected"),
    ]


def test_no_ip_address_of_the_real_survey_is_anywhere(published: Settings, real_data: Path) -> None:
    export = real_data / "surveys" / "osposurvey" / "2021" / "results_2021.csv"
    addresses = set(IPV4.findall(export.read_text(encoding="utf-8-sig")))
    assert len(addresses) > 100
    assert addresses.isdisjoint(IPV4.findall(everything_as_text(published)))


class LaxCorrection(Correction):
    """What another version of the code may have landed."""

    action: str  # type: ignore[assignment]


CORRECTIONS = """\
wave_id,record_key,action,field,expected,value,reason
w1,r1,exclude,challenge,money,,A test
w1,r2,exclude,challenge,something else,,A test
w1,nobody,exclude,,,,A test
"""


def failed_tests(settings: Settings) -> dict[str, str]:
    outcome = pipeline.build(settings)
    assert outcome.status == "refused"
    return {m.unique_id.split(".")[2]: m.message or "" for m in outcome.models if m.status == "fail"}


def test_build_refuses_what_the_configuration_no_longer_explains(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs last: an option that was chosen is taken away, and exclusions find nobody or another answer.

    Gate 1 would refuse the loads first, so that it is left out here.
    """
    monkeypatch.setattr("dpg_warehouse.pipeline.building.judge_changed", lambda *_: None)
    monkeypatch.setattr("dpg_warehouse.configuration.folder.Correction", LaxCorrection)
    tiny = find_source(published.source_roots, "tiny").folder
    options = (tiny / "options.csv").read_text(encoding="utf-8")
    (tiny / "options.csv").write_text(options.replace("money", "cash"), encoding="utf-8")
    (tiny / "corrections.csv").write_text(CORRECTIONS, encoding="utf-8")
    failed = failed_tests(published)
    assert set(failed) == {"answers_of_choices_name_a_declared_option", "corrections_find_what_they_expect"}
    assert "Got 2 results" in failed["corrections_find_what_they_expect"]
    (tiny / "corrections.csv").write_text(
        CORRECTIONS + "w1,r3,correct,challenge,money,,A test\n", encoding="utf-8"
    )
    assert "corrections_are_exclusions_or_values" in failed_tests(published)
