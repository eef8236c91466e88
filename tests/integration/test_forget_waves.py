"""Forgetting where several waves number their respondents: nobody else is erased, and nobody is missed."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from dpg_warehouse import landing, pipeline
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import Load, LoadStatus, UsageError
from dpg_warehouse.settings import Settings
from tests.pulls import ingest_answers, survey_settings
from tests.queries import rows, value

HEADER = "respondent,challenge,team,email"
WITH_MEMBER = "respondent,challenge,team,email,member"
SECOND = {"wave_id": "w2", "number": 2, "label": "Second wave", "location": "w2.csv"}
LINKED = {"link_field": "member", "personal_data": {"drop": ["email"], "pseudonymise": ["member"]}}
MEMBERS = """
    select loads.wave_id, payloads.record_key
    from ops.loads as loads
    inner join landing.memberships as memberships using (source_id, load_id)
    cross join unnest(memberships.payload_nos) as member (payload_no)
    inner join landing.payloads as payloads using (source_id, payload_no)
    order by 1, 2
"""


class TwoWaves:
    """The survey `tiny` in two exports of respondents r1, r2, …: other people under equal numbers."""

    def __init__(self, warehouse: Settings, folder: Path, header: str = HEADER) -> None:
        link = LINKED if header == WITH_MEMBER else {}
        self.settings = replace(
            survey_settings(warehouse, folder, SECOND, **link), pseudonym_key="a key of this test"
        )
        questions = self.source.folder / "questions.csv"
        lines = questions.read_text(encoding="utf-8").splitlines()
        again = [line.replace("w1,", "w2,", 1).replace(",,First", "identical,,First") for line in lines[1:]]
        again = [line.replace(",,Team", "identical,,Team") for line in again]
        questions.write_text("\n".join([*lines, *again]) + "\n", encoding="utf-8")
        self.header = header

    @property
    def source(self) -> Source:
        return find_source(self.settings.source_roots, "tiny")

    def pull(self, wave_id: str, *answers: str) -> Load:
        load = ingest_answers(self.settings, answers, self.header, wave_id)
        assert load.status is LoadStatus.ACCEPTED, load.reason
        return load

    def forget(self, key: str, wave_id: str | None = None) -> landing.Erasure:
        return pipeline.forget(self.settings, self.source, key, wave_id).erasure

    def members(self) -> list[tuple[str, str]]:
        return [(wave, key) for wave, key in rows(self.settings, MEMBERS)]


@pytest.fixture
def waves(warehouse: Settings, tmp_path: Path) -> TwoWaves:
    return TwoWaves(warehouse, tmp_path)


@pytest.fixture
def linked(warehouse: Settings, tmp_path: Path) -> TwoWaves:
    return TwoWaves(warehouse, tmp_path, WITH_MEMBER)


def test_equal_numbers_of_two_waves_are_refused_until_the_wave_is_named(waves: TwoWaves) -> None:
    waves.pull("w1", "r1,money,1,", "r2,money,2,")
    waves.pull("w2", "r1,licence,7,", "r2,money,8,")
    with pytest.raises(UsageError, match="a record of wave w1, a record of wave w2"):
        waves.forget("r1")
    assert waves.forget("r1", "w1").payload_count == 1
    assert waves.members() == [("w1", "r2"), ("w2", "r1"), ("w2", "r2")]


def test_later_pulls_of_the_other_wave_keep_their_own_person_of_that_number(waves: TwoWaves) -> None:
    first = waves.pull("w1", "r1,money,1,", "r2,money,2,")
    waves.pull("w2", "r2,licence,9,")
    waves.forget("r1", "w1")
    again = waves.pull("w1", "r1,money,1,", "r2,money,2,")
    assert (again.load_id, again.forgotten_count) == (first.load_id, 1)
    (waves.source.folder / "w2.csv").unlink()
    later = ingest_answers(waves.settings, ["r1,licence,7,", "r2,licence,9,"], HEADER, "w2", force=True)
    assert (later.status, later.forgotten_count) == (LoadStatus.ACCEPTED, 0)


def test_an_equal_answer_under_an_equal_number_stays_somebody_elses(waves: TwoWaves) -> None:
    """The two waves share one payload, of which one wave alone lets go."""
    waves.pull("w1", "r1,money,1,", "r2,money,2,")
    second = waves.pull("w2", "r1,money,1,")
    assert second.new_payload_count == 0
    assert waves.forget("r1", "w1").payload_count == 0
    assert waves.members() == [("w1", "r2"), ("w2", "r1")]
    counts = "select wave_id, received_count, forgotten_count, new_payload_count from ops.loads order by 1"
    assert rows(waves.settings, counts) == [("w1", 2, 1, 2), ("w2", 1, 0, 0)]


def test_a_link_leads_to_the_answers_of_every_wave(linked: TwoWaves) -> None:
    linked.pull("w1", "r1,money,1,,m-100", "r2,money,2,,m-200")
    linked.pull("w2", "r1,licence,7,,m-200", "r5,money,8,,m-100")
    found = pipeline.find_respondent(linked.settings, linked.source, "m-100").respondent
    assert found.waves == ("w1", "w2")
    assert linked.forget("r1", "w1").payload_count == 2
    assert linked.members() == [("w1", "r2"), ("w2", "r1")]
    pulled = ingest_answers(
        linked.settings, ["r1,licence,7,,m-200", "r9,money,8,,m-100"], WITH_MEMBER, "w2", force=True
    )
    assert pulled.forgotten_count == 1


def test_a_number_that_was_forgotten_in_one_wave_is_nobodys_else(waves: TwoWaves) -> None:
    """Repeated without its wave, the command must not take the namesake who is left."""
    waves.pull("w1", "r1,money,1,", "r2,money,2,")
    waves.pull("w2", "r1,licence,7,", "r2,money,8,")
    waves.forget("r1", "w1")
    with pytest.raises(UsageError, match="was forgotten already"):
        waves.forget("r1")
    assert waves.members() == [("w1", "r2"), ("w2", "r1"), ("w2", "r2")]


def test_whoever_is_forgotten_beforehand_in_each_wave_is_left_out_of_each(linked: TwoWaves) -> None:
    for wave_id in ("w1", "w2"):
        linked.forget("7", wave_id)
    assert linked.pull("w1", "7,money,1,,m-1", "8,money,2,,7").forgotten_count == 1
    assert linked.pull("w2", "7,money,1,,m-3", "9,money,2,,7").forgotten_count == 1
    assert linked.members() == [("w1", "8"), ("w2", "9")]  # a link of that name is somebody else's


def test_a_link_that_nobody_has_yet_is_left_out_of_every_wave(linked: TwoWaves) -> None:
    found = pipeline.find_respondent(linked.settings, linked.source, "m-9")
    assert found.kept_out_of == ()
    linked.forget("m-9")
    assert linked.pull("w1", "r1,money,1,,m-9", "r2,money,2,,m-8").forgotten_count == 1
    assert linked.pull("w2", "r1,money,1,,m-8", "m-9,money,2,,m-7").forgotten_count == 0


def test_a_link_of_another_wave_is_not_taken_for_a_key_of_the_named_one(linked: TwoWaves) -> None:
    linked.pull("w1", "r1,money,1,,m-1")
    linked.pull("w2", "r5,money,8,,8")
    assert linked.forget("8", "w1").payload_count == 0
    assert linked.members() == [("w1", "r1"), ("w2", "r5")]


def test_a_link_that_was_declared_by_mistake_widens_nothing(linked: TwoWaves) -> None:
    linked.pull("w1", "r1,money,1,,org", "r2,money,2,,org2")
    linked.pull("w2", "r5,money,8,,org")
    description = linked.source.folder / "source.yml"
    text = yaml.safe_load(description.read_text(encoding="utf-8"))
    for wave in text["waves"]:
        del wave["link_field"]
        wave["ignore"] = ["member"]
    description.write_text(yaml.safe_dump(text), encoding="utf-8")
    assert linked.forget("r1", "w1").payload_count == 1
    assert linked.members() == [("w1", "r2"), ("w2", "r5")]


def test_corrections_of_whoever_has_the_number_in_another_wave_are_kept(linked: TwoWaves) -> None:
    """Though the forgotten one is linked, and their key is part of another's."""
    header = "wave_id,record_key,action,field,expected,value,reason"
    lines = ["w1,7,set,team,1,4,A slip.", "w2,7,set,team,7,9,A slip.", "w2,DE/7,exclude,,,,A test of 7."]
    (linked.source.folder / "corrections.csv").write_text(
        "\n".join([header, *lines]) + "\n", encoding="utf-8"
    )
    linked.pull("w1", "7,money,1,,m-1", "r2,money,2,,m-2")
    linked.pull("w2", "7,money,7,,m-3", "DE/7,money,8,,m-4", "r9,money,8,,m-5")
    assert pipeline.find_respondent(linked.settings, linked.source, "7", "w2").naming_rows == (
        "corrections.csv, row 2",
        "corrections.csv, row 3",
    )
    linked.forget("7", "w2")
    kept = """
        select content ->> 'wave_id', content ->> 'record_key', content ->> 'reason'
        from ops.configuration_rows where source_id = 'tiny' and file = 'corrections' order by 1, 2
    """
    expected = [("w1", "7", "A slip."), ("w2", "DE/7", "A test of (forgotten).")]
    assert rows(linked.settings, kept) == expected
    (linked.source.folder / "corrections.csv").write_text(
        "\n".join([header, *lines, "w2,r9,exclude,,,,See 7."]) + "\n", encoding="utf-8"
    )
    pipeline.build(linked.settings)  # stores the changed files
    assert set(rows(linked.settings, kept)) == {*expected, ("w2", "r9", "See (forgotten).")}


def test_a_name_that_is_one_persons_key_and_another_ones_link_is_refused(linked: TwoWaves) -> None:
    linked.pull("w1", "7,money,1,,8", "8,money,2,,9")
    linked.pull("w2", "5,money,3,,11")
    with pytest.raises(UsageError, match="a link"):
        linked.forget("8")
    assert linked.forget("8", "w1").payload_count == 1  # in a wave, the key of its record
    assert linked.members() == [("w1", "7"), ("w2", "5")]


def test_what_names_another_waves_respondent_stays_as_it_is(waves: TwoWaves) -> None:
    header = "wave_id,record_key,action,field,expected,value,reason"
    lines = ["w1,r1,set,team,1,4,A slip.", "w2,r1,set,team,7,9,A slip.", "w2,r2,exclude,,,,As r1 said."]
    (waves.source.folder / "corrections.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    for wave_id in ("w1", "w2"):
        refused = ingest_answers(
            waves.settings, ["r1,money,7,", "r1,money,8,", "r2,money,9,"], HEADER, wave_id
        )
        assert refused.status is LoadStatus.REJECTED
    found = pipeline.find_respondent(waves.settings, waves.source, "r1", "w1")
    assert found.naming_rows == ("corrections.csv, row 1",)
    waves.forget("r1", "w1")
    kept = "select content ->> 'wave_id', content ->> 'record_key' from ops.configuration_rows"
    assert rows(waves.settings, f"{kept} where file = 'corrections' order by 1, 2") == [
        ("w2", "r1"),
        ("w2", "r2"),
    ]
    reasons = dict(rows(waves.settings, "select wave_id, reason from ops.loads"))
    assert "r1" not in reasons["w1"]
    assert "r1" in reasons["w2"]
    named = dict(
        rows(
            waves.settings,
            """
            select wave_id, bool_or('r1' = any(example_keys)) from ops.validation_results
            inner join ops.loads using (load_id) group by 1
            """,
        )
    )
    assert named == {"w1": False, "w2": True}


def test_whoever_was_forgotten_needs_no_wave_to_be_forgotten_again(waves: TwoWaves) -> None:
    waves.pull("w1", "r1,money,1,", "r2,money,2,")
    waves.forget("r1", "w1")
    assert pipeline.find_respondent(waves.settings, waves.source, "r1").was_forgotten
    assert waves.forget("r1") == landing.Erasure()
    assert waves.pull("w2", "r1,money,1,").forgotten_count == 0


def test_an_unknown_key_of_a_survey_with_several_waves_needs_its_wave(waves: TwoWaves) -> None:
    with pytest.raises(UsageError, match="say with --wave of which wave it is"):
        waves.forget("r1")
    waves.forget("r1", "w2")
    assert waves.pull("w1", "r1,money,1,", "r2,money,2,").forgotten_count == 0
    assert waves.pull("w2", "r1,money,1,", "r2,money,2,").forgotten_count == 1


def test_a_wave_that_was_taken_out_of_the_files_is_searched_by_its_own_link(linked: TwoWaves) -> None:
    linked.pull("w1", "r1,money,1,,m-100", "r2,money,2,,m-200")
    linked.pull("w2", "r5,money,8,,m-100")
    folder = linked.source.folder
    description = folder / "source.yml"
    text = yaml.safe_load(description.read_text(encoding="utf-8"))
    text["waves"] = text["waves"][:1]
    description.write_text(yaml.safe_dump(text), encoding="utf-8")
    questions = folder / "questions.csv"
    kept = [line for line in questions.read_text(encoding="utf-8").splitlines() if not line.startswith("w2,")]
    questions.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert linked.forget("r1", "w1").payload_count == 2


def test_a_reason_that_names_the_respondent_is_kept_without_the_name(waves: TwoWaves) -> None:
    waves.pull("w1", "r1,money,1,", "r2,money,2,")
    pipeline.forget(waves.settings, waves.source, "r1", "w1", reason="Respondent r1 wrote to us.")
    assert value(waves.settings, "select distinct reason from ops.tombstones") == (
        "Respondent (forgotten) wrote to us."
    )


def test_nobody_is_forgotten_while_a_load_is_judged(waves: TwoWaves) -> None:
    """A verdict that is written after the erasure would bring the key back."""
    load = waves.pull("w1", "r1,money,1,", "r2,money,2,")
    forgetting = threading.Thread(target=waves.forget, args=("r1", "w1"))
    with landing.judging(engine(waves.settings, Role.LOADER), load):
        forgetting.start()
        forgetting.join(timeout=1)
        assert forgetting.is_alive()
        assert ("w1", "r1") in waves.members()
    forgetting.join(timeout=30)
    assert waves.members() == [("w1", "r2")]


def test_a_pull_that_no_longer_has_the_respondent_is_the_same_load_and_passes(waves: TwoWaves) -> None:
    """The source deleted them too: what it states and sends is one less."""
    refused = ingest_answers(waves.settings, ["r1,strange,1,", "r2,money,2,"], HEADER)
    assert refused.status is LoadStatus.REJECTED
    waves.forget("r1", "w1")
    again = ingest_answers(waves.settings, ["r2,money,2,"], HEADER)
    assert again.load_id == refused.load_id
    assert (again.status, again.received_count, again.forgotten_count) == (LoadStatus.ACCEPTED, 1, 0)


def test_a_wave_all_of_whose_answers_were_forgotten_keeps_no_build_from_publishing(waves: TwoWaves) -> None:
    waves.pull("w1", *(f"r{n},money,{n}," for n in range(1, 13)))
    waves.pull("w2", "r1,money,1,")
    assert pipeline.build(waves.settings).status == "published"
    waves.forget("r1", "w2")
    outcome = pipeline.build(waves.settings)
    assert outcome.status == "published", outcome.reason
    same = ingest_answers(waves.settings, ["r1,money,1,"], HEADER, "w2")
    assert same.status is LoadStatus.ACCEPTED
    emptied = ingest_answers(waves.settings, [], HEADER, "w2", force=True)
    assert emptied.status is LoadStatus.ACCEPTED, emptied.reason
    outcome = pipeline.build(waves.settings)
    assert outcome.status == "published", outcome.reason


def test_a_wave_that_lost_answers_which_nobody_forgot_is_refused_all_the_same(waves: TwoWaves) -> None:
    waves.pull("w1", "r1,money,1,", "r2,money,2,")
    waves.forget("r1", "w1")
    empty = ingest_answers(waves.settings, ["r1,money,1,"], HEADER, force=True)
    assert empty.status is LoadStatus.REJECTED
