"""A source's files that change after a load was accepted: gate 1 judges it again, and a build refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dpg_warehouse import landing, modelling, pipeline
from dpg_warehouse.cli.main import app
from dpg_warehouse.configuration import Source, find_source, read_sources
from dpg_warehouse.database import Role, engine
from dpg_warehouse.pipeline.judging import judge_changed
from dpg_warehouse.records import Load, LoadStatus
from dpg_warehouse.settings import Settings
from tests.environments import environment_of
from tests.pulls import ingest_answers, survey_settings
from tests.queries import rows, value

HEADER = "respondent,challenge,team,email,extra"
ANSWERS = [f"r{n},money,{n},,seen" for n in range(1, 13)]
VERDICTS = (
    "select count(*) from ops.validation_results where load_id is not null and rule = 'every_code_mapped'"
)


@pytest.fixture
def settings(warehouse: Settings, tmp_path: Path) -> Settings:
    own = survey_settings(warehouse, tmp_path, ignore=["extra"])
    load = ingest_answers(own, ANSWERS, HEADER)
    assert load.status is LoadStatus.ACCEPTED, load.reason
    return own


def change(settings: Settings, file: str, edit: Callable[[str], str]) -> None:
    path = find_source(settings.source_roots, "tiny").folder / file
    path.write_text(edit(path.read_text(encoding="utf-8") if path.exists() else ""), encoding="utf-8")


def map_extra(text: str) -> str:
    """A question about a field that was ignored when the load landed."""
    return text + "w1,extra,extra,value,text,respondent,,all,no,,,Extra,What else?,en\n"


def correct(*lines: str) -> Callable[[str], str]:
    header = "wave_id,record_key,action,field,expected,value,reason"
    return lambda _: "\n".join([header, *lines]) + "\n"


def published_rows(settings: Settings) -> list[tuple[object, ...]]:
    statement = "select t::text from marts.trend_answer_share as t order by 1"
    return rows(settings, statement, Role.BI_READER)


def newest_load(settings: Settings) -> Load:
    return pipeline.load_by_id(settings, value(settings, "select max(load_id) from ops.loads"))


@dataclass(frozen=True)
class Frozen:
    """What a build would read from now on, whatever becomes of loads and files."""

    settings: Settings
    sources: Mapping[str, Source]
    build_id: int

    def refusal(self) -> str | None:
        """Why the build would not read its loads."""
        return judge_changed(self.settings, self.sources, self.build_id)


def frozen(settings: Settings) -> Frozen:
    sources = read_sources(settings.source_roots)
    transformer = engine(settings, Role.TRANSFORMER)
    with transformer.begin() as connection:
        hashes = {s.source_id: landing.store_configuration(connection, s) for s in sources.values()}
    build = modelling.freeze_inputs(transformer, hashes, modelling.Target())
    return Frozen(settings, sources, build.build_id)


def refusal(settings: Settings) -> str | None:
    """Why a build that froze its inputs at this moment would not read its loads."""
    return frozen(settings).refusal()


def test_a_code_that_the_files_no_longer_map_refuses_the_build_until_they_are_mended(
    settings: Settings,
) -> None:
    assert pipeline.build(settings).status == "published"
    before = published_rows(settings)
    change(settings, "options.csv", lambda text: text.replace("money", "cash"))
    outcome = pipeline.build(settings)
    assert outcome.status == "refused"
    assert outcome.models == ()
    for said in ("wave w1 of tiny", "every_code_mapped: challenge = money", "--force", "dpgw revalidate"):
        assert said in (outcome.reason or "")
    assert published_rows(settings) == before
    assert newest_load(settings).status is LoadStatus.ACCEPTED
    change(settings, "options.csv", lambda text: text.replace("cash", "money"))
    assert pipeline.build(settings).status == "published"
    assert newest_load(settings).later_refusal is None


def test_a_field_that_is_mapped_only_now_was_never_stored(settings: Settings) -> None:
    change(settings, "questions.csv", map_extra)
    reason = refusal(settings) or ""
    assert "every_mapped_field_landed: extra" in reason
    assert "pull again" in reason
    again = ingest_answers(settings, ANSWERS, HEADER, force=True)
    assert again.newly_accepted
    assert refusal(settings) is None


def test_a_field_that_is_blank_everywhere_needs_but_the_same_pull_again(
    warehouse: Settings, tmp_path: Path
) -> None:
    own = survey_settings(warehouse, tmp_path, ignore=["extra"])
    blank = [row.removesuffix("seen") for row in ANSWERS]
    first = ingest_answers(own, blank, HEADER)
    change(own, "questions.csv", map_extra)
    assert refusal(own) is not None
    again = ingest_answers(own, blank, HEADER)
    assert (again.load_id, again.later_refusal) == (first.load_id, None)
    assert refusal(own) is None


def test_a_load_that_passes_is_judged_once_for_each_change(settings: Settings) -> None:
    assert refusal(settings) is None
    assert value(settings, VERDICTS) == 1
    change(settings, "options.csv", lambda text: text.replace("Financing", "Money"))
    assert refusal(settings) is None
    assert refusal(settings) is None
    assert value(settings, VERDICTS) == 2


def test_only_the_newest_load_of_a_wave_is_judged_again(settings: Settings) -> None:
    change(settings, "source.yml", lambda text: text.replace("2024-02-02", "2024-02-03"))
    later = ingest_answers(settings, [row.replace("money", "licence") for row in ANSWERS], HEADER)
    assert later.newly_accepted
    change(settings, "options.csv", lambda text: text.replace("money", "cash"))
    assert refusal(settings) is None


def test_files_that_change_after_a_build_froze_its_inputs_do_not_judge_for_it(settings: Settings) -> None:
    change(settings, "options.csv", lambda text: text.replace("Financing", "Money"))

    def edit(step: str, *_: int) -> None:
        if step.startswith("judging"):
            change(settings, "options.csv", lambda text: text.replace("money", "cash"))

    assert pipeline.build(settings, edit).status == "published"
    assert "every_code_mapped" in (pipeline.build(settings).reason or "")


def test_a_load_that_replaces_a_frozen_one_does_not_answer_for_it(settings: Settings) -> None:
    """The build still reads the replaced load, which the files that it froze refuse."""
    change(settings, "options.csv", lambda text: text.replace("money", "cash"))
    before = frozen(settings)
    again = ingest_answers(settings, [row.replace("money", "cash") for row in ANSWERS], HEADER, force=True)
    assert again.newly_accepted
    assert "every_code_mapped: challenge = money" in (before.refusal() or "")
    assert refusal(settings) is None


def test_judgements_of_one_load_by_different_files_wait_for_each_other(settings: Settings) -> None:
    """A judgement goes by the configuration that the load's row names until it ends."""
    load, tiny = newest_load(settings), find_source(settings.source_roots, "tiny")
    with ThreadPoolExecutor(1) as other:
        with landing.judging(engine(settings, Role.LOADER), load):
            judged = other.submit(pipeline.judge_again, settings, tiny, load)
            with pytest.raises(TimeoutError):
                judged.result(timeout=0.5)
        assert judged.result().later_refusal is None


def test_a_judgement_that_was_interrupted_is_made_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(settings, "options.csv", lambda text: text.replace("money", "cash"))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("dpg_warehouse.validation.validate_load", die)
        with pytest.raises(KeyboardInterrupt):
            refusal(settings)
    assert "did not end" in (newest_load(settings).later_refusal or "")
    assert "every_code_mapped" in (refusal(settings) or "")


def test_revalidate_tells_whether_an_accepted_load_would_pass(settings: Settings) -> None:
    number = str(newest_load(settings).load_id)
    environment = environment_of(settings)
    assert CliRunner().invoke(app, ["revalidate", number], env=environment).exit_code == 0
    change(settings, "options.csv", lambda text: text.replace("money", "cash"))
    refused = CliRunner().invoke(app, ["revalidate", number], env=environment)
    assert refused.exit_code == 3
    assert "every_code_mapped" in refused.output
    listed = CliRunner().invoke(app, ["rejected"], env=environment).output
    assert f"load {number}: tiny wave w1 of 2024-02-02 accepted" in listed
    assert "every_code_mapped" in listed


def test_a_corrected_answer_is_counted_and_the_original_stays_in_landing(settings: Settings) -> None:
    """One answer becomes another, one becomes none; neither is an edit by the respondent."""
    lines = (
        "w1,r1,set,challenge,money,licence,A slip of the pen.",
        "w1,r2,set,challenge,money,,Answered by a child.",
    )
    change(settings, "corrections.csv", correct(*lines))
    outcome = pipeline.build(settings)
    assert outcome.status == "published", outcome.reason
    shares = "select option_id, chosen_count, base_count from marts.trend_answer_share"
    first = "where survey_id = 'tiny' and question_id = 'first_challenge' order by 1"
    assert rows(settings, f"{shares} {first}", Role.BI_READER) == [
        ("financing", 10, 11),
        ("licensing", 1, 11),
    ]
    kept = "select distinct payload ->> 'challenge' from landing.payloads where record_key in ('r1', 'r2')"
    assert rows(settings, kept) == [("money",)]
    edited = "select edited_count from marts.dim_wave where survey_id = 'tiny'"
    assert rows(settings, edited, Role.BI_READER) == [(0,)]


def test_a_correction_to_a_code_that_nothing_maps_refuses_the_build(settings: Settings) -> None:
    change(settings, "corrections.csv", correct("w1,r1,set,challenge,money,gold,A slip of the pen."))
    assert "every_code_mapped: challenge = gold" in (refusal(settings) or "")


def test_a_correction_of_another_answer_than_it_expects_refuses_the_build(settings: Settings) -> None:
    change(settings, "corrections.csv", correct("w1,r1,set,challenge,licence,money,A slip of the pen."))
    assert "corrections_find_what_they_expect" in (pipeline.build(settings).reason or "")


def test_a_correction_lets_gate_one_accept_what_it_would_reject(warehouse: Settings, tmp_path: Path) -> None:
    own = survey_settings(warehouse, tmp_path, ignore=["extra"])
    refused = ingest_answers(own, [*ANSWERS, "r99,mony,3,,"], HEADER)
    assert refused.status is LoadStatus.REJECTED
    change(own, "corrections.csv", correct("w1,r99,set,challenge,mony,money,A slip of the pen."))
    tiny = find_source(own.source_roots, "tiny")
    assert pipeline.validate(own, tiny, refused).status is LoadStatus.ACCEPTED
