"""Answers of a closed wave reach readers in steps of at least three respondents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from dpg_warehouse import pipeline, publish
from dpg_warehouse.database import Role
from dpg_warehouse.records import BuildOutcome
from dpg_warehouse.settings import Settings
from tests.kobo_waves import KoboWave, kobo_wave, submission
from tests.queries import rows, value

SHOWN = """
    select option_id, base_count, chosen_count from marts.trend_answer_share
    where question_id = 'first_challenge' and measure = 'first_choice' and not is_derived order by 1
"""


@pytest.fixture
def wave(warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KoboWave]:
    """A wave of which 12 of 20 put money first, as it was first published."""
    with kobo_wave(warehouse, tmp_path, monkeypatch) as made:
        made.put(*(submission(n, "money" if n <= 12 else "licence") for n in range(1, 21)))
        made.accept("2024-02-05")
        assert build(made).notes == ()
        yield made


def build(wave: KoboWave) -> BuildOutcome:
    outcome = pipeline.build(wave.settings)
    assert outcome.status == "published", outcome.reason
    return outcome


def shown(wave: KoboWave) -> list[Any]:
    return rows(wave.settings, SHOWN, Role.BI_READER)


def release(wave: KoboWave) -> Any:
    statement = (
        "select release_number, is_release_held, response_count from marts.dim_wave where wave_id = 'w1'"
    )
    return rows(wave.settings, statement, Role.BI_READER)[0]


def test_one_edit_waits_until_two_others_have_answered_the_question_otherwise(wave: KoboWave) -> None:
    assert (release(wave), shown(wave)) == (
        (1, False, 20),
        [("financing", 20, 12), ("licensing", 20, 8)],
    )
    wave.put(submission(1, "licence"))
    wave.accept("2024-02-06")
    assert "stays at release 1" in build(wave).notes[0]
    assert (release(wave), shown(wave)[0]) == ((1, True, 20), ("financing", 20, 12))
    wave.put(submission(2, "licence"), submission(3, "licence"))
    wave.accept("2024-02-07")
    assert build(wave).notes == ()
    assert (release(wave), shown(wave)[0]) == ((2, False, 20), ("financing", 20, 9))


def test_a_held_wave_says_of_which_pull_and_list_its_figures_are(wave: KoboWave) -> None:
    statement = """
        select as_of::text, frame_count, eligible_count, round(response_rate::numeric, 3)::text
        from marts.dim_wave where wave_id = 'w1'
    """
    described = wave.source.folder / "source.yml"
    described.write_text(described.read_text("utf-8").replace("count: 60", "count: 80"), encoding="utf-8")
    wave.put(submission(1, "licence"))
    wave.accept("2024-02-06")
    build(wave)
    assert rows(wave.settings, statement, Role.BI_READER) == [("2024-02-05", 60, 60, "0.333")]
    wave.put(submission(2, "licence"), submission(3, "licence"))
    wave.accept("2024-02-07")
    build(wave)
    assert rows(wave.settings, statement, Role.BI_READER) == [("2024-02-07", 80, 80, "0.250")]


def test_a_forgotten_respondent_is_gone_at_once_and_from_the_marts_with_the_next_release(
    wave: KoboWave,
) -> None:
    pipeline.forget(wave.settings, wave.source, "uuid:root-001")
    build(wave)
    assert (release(wave), shown(wave)[0]) == ((1, True, 20), ("financing", 20, 12))
    counted = "select count(*) from intermediate.int_responses_counted"
    assert value(wave.settings, counted, Role.TRANSFORMER) == 19
    for number in (2, 3):
        pipeline.forget(wave.settings, wave.source, f"uuid:root-{number:03}")
    build(wave)
    assert (release(wave), shown(wave)[0]) == ((2, False, 17), ("financing", 17, 9))


def test_a_publish_that_fails_releases_nothing(wave: KoboWave, monkeypatch: pytest.MonkeyPatch) -> None:
    wave.put(*(submission(n, "licence") for n in (1, 2, 3)))
    wave.accept("2024-02-06")

    def fail(*_: Any) -> None:
        raise SQLAlchemyError("the connection was lost")

    with monkeypatch.context() as broken:
        broken.setattr(publish.tables, "_log", fail)
        with pytest.raises(SQLAlchemyError):
            pipeline.build(wave.settings)
    assert value(wave.settings, "select release_number from ops.wave_releases where wave_id = 'w1'") == 1
    build(wave)
    assert (release(wave), shown(wave)[0]) == ((2, False, 20), ("financing", 20, 9))


def test_a_renamed_option_lets_no_pending_edit_through(wave: KoboWave) -> None:
    options = wave.source.folder / "options.csv"
    as_it_was = options.read_text(encoding="utf-8")
    new_name = as_it_was.replace("first_challenge,financing", "first_challenge,funding")
    options.write_text(new_name, encoding="utf-8")
    wave.put(submission(1, "licence"))
    wave.accept("2024-02-06")
    (note,) = build(wave).notes
    assert "names were changed beside answers" in note
    assert note.endswith("first_challenge is left out: its options were renamed.")
    assert release(wave) == (1, True, 20)
    assert {row[1:] for row in shown(wave)} == {(None, None)}
    options.write_text(as_it_was, encoding="utf-8")
    wave.put(submission(2, "licence"), submission(3, "licence"))
    wave.accept("2024-02-07")
    assert build(wave).notes == ()
    options.write_text(new_name, encoding="utf-8")
    assert build(wave).notes == ()
    assert shown(wave) == [("funding", 20, 9), ("licensing", 20, 11)]


def test_a_changed_label_needs_no_release(wave: KoboWave) -> None:
    options = wave.source.folder / "options.csv"
    options.write_text(options.read_text(encoding="utf-8").replace("Financing", "Money"), encoding="utf-8")
    build(wave)
    assert release(wave) == (1, False, 20)
    labels = "select distinct option_label from marts.trend_answer_share where option_id = 'financing'"
    assert rows(wave.settings, labels, Role.BI_READER) == [("Money",)]
