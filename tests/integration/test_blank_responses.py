"""A response that answers nothing is no response, wherever it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.database import Role
from dpg_warehouse.records import LoadStatus
from dpg_warehouse.settings import Settings
from tests.kobo_waves import KoboWave, kobo_wave, submission
from tests.pulls import ingest_answers, survey_settings
from tests.queries import rows

QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,segment_kind,asked_of,is_sensitive,comparability,comparability_note,label,wording,language
w1,first_challenge,challenge,value,single,challenge,,all,no,,,First challenge,What is your first challenge?,en
w1,wishes,team,space_separated,multiple,support_need,,all,no,,,Wishes,What do you wish for?,en
"""
OPTIONS = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value
*,first_challenge,financing,,money,Financing,1,financing,
*,first_challenge,licensing,,licence,Licensing,2,licensing,
*,wishes,advice,,advice,Advice,1,,
*,wishes,helpers,,helpers,Helpers,2,,
"""
COUNTS = """
    select response_count, blank_count, edited_count,
        (select responded_count from marts.trend_response where wave_id = 'w1' and segment_kind = 'all'),
        (
            select distinct base_count from marts.trend_answer_share
            where question_id = 'wishes' and not is_derived
        )
    from marts.dim_wave where wave_id = 'w1'
"""


def counts_after_a_build(wave: KoboWave) -> list[tuple[int, ...]]:
    outcome = pipeline.build(wave.settings)
    assert outcome.status == "published", outcome.reason
    return rows(wave.settings, COUNTS, Role.BI_READER)


def test_who_answers_nothing_counts_nowhere_although_a_server_took_the_whole_submission(
    warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty box of a multiple choice is an answer of those alone who answered anything."""
    with kobo_wave(warehouse, tmp_path, monkeypatch) as wave:
        (wave.source.folder / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
        (wave.source.folder / "options.csv").write_text(OPTIONS, encoding="utf-8")
        wave.put(*(submission(n, team="advice" if n % 2 else "helpers") for n in range(1, 15)))
        wave.put(submission(15, team=""), submission(16, challenge="", team=""))
        wave.accept("2024-02-05")
        assert counts_after_a_build(wave) == [(15, 1, 0, 15, 15)]
        wave.put(*(submission(n, challenge="", team="") for n in (1, 2, 3)))
        wave.accept("2024-02-06")
        assert counts_after_a_build(wave) == [(12, 4, 3, 12, 12)]


def test_who_answers_nothing_is_none_of_the_invited_who_answered(warehouse: Settings, tmp_path: Path) -> None:
    settings = survey_settings(warehouse, tmp_path, frame={"count": 12})
    header = "respondent,email,challenge,team"
    answers = [f"r{n},,money,{n}" for n in range(1, 13)]
    load = ingest_answers(settings, [*answers, "r13,,,"], header)
    assert load.status is LoadStatus.ACCEPTED, load.reason
    one_more = ingest_answers(settings, [*answers, "r13,,money,"], header, force=True)
    assert "no_more_than_invited: 13 of 12" in (one_more.reason or "")


def test_a_box_that_was_not_ticked_is_no_answer_to_gate_1_either(warehouse: Settings, tmp_path: Path) -> None:
    """An export that writes 0 for it would else be accepted although it lost every answer."""
    settings = survey_settings(warehouse, tmp_path)
    folder = tmp_path / "roots" / "tiny"
    questions = QUESTIONS.splitlines()
    wishes = questions[2].replace("wishes,team,space_separated", "wishes,,column_per_option")
    (folder / "questions.csv").write_text("\n".join([*questions[:2], wishes]) + "\n", encoding="utf-8")
    columns = OPTIONS.replace("wishes,advice,,advice,", "wishes,advice,a,1,")
    columns = columns.replace("wishes,helpers,,helpers,", "wishes,helpers,h,1,")
    (folder / "options.csv").write_text(columns, encoding="utf-8")
    header = "respondent,email,challenge,a,h"
    unticked = ingest_answers(settings, ["r1,,,0,0", "r2,,,0,0"], header)
    assert unticked.status is LoadStatus.REJECTED
    ticked = ingest_answers(settings, ["r1,,,0,1", "r2,,,0,0"], header)
    assert ticked.status is LoadStatus.ACCEPTED, ticked.reason
