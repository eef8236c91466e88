"""Gate 2: what keeps a build from readers, and what harmless text doesn't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from dpg_warehouse import figures, pipeline, validation
from dpg_warehouse.configuration import find_source
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import LoadStatus, PullRequest, UsageError, Verdict
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from dpg_warehouse.validation.gate import project
from dpg_warehouse.validation.suites import EXPECTATIONS
from tests.pulls import ingest_answers, ingest_snapshot, product, snapshot, survey_settings
from tests.queries import marts_rows, rows
from tests.servers_postgres import EMBEDDED, Servers

SAMPLE = "dpg_owners_survey"
HEADER = "respondent,email,challenge,team"
ANSWERS = [f"r{n},p{n}@example.org,{'licence' if n % 3 else 'money'},{n % 5}" for n in range(1, 31)]


@pytest.fixture(scope="module")
def built(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("gate_two")
    with servers.clean_database(EMBEDDED, folder / "home") as clean:
        settings = survey_settings(clean, folder)
        harmless = product(
            1, website="git@code.example.org:o/a.git", aliases=["release 1.2.3.4"], name="Harmless"
        )
        assert ingest_snapshot(settings, snapshot(folder, "2024-01-31", [harmless])).status == "accepted"
        assert ingest_answers(settings, ANSWERS, HEADER).status is LoadStatus.ACCEPTED
        sample = find_source(settings.source_roots, SAMPLE)
        for wave in ("2022", "2023"):  # for segments and changes
            load = pipeline.ingest(settings, sample, PullRequest(SAMPLE, wave, None, None))
            assert load.status is LoadStatus.ACCEPTED, load.reason
        assert pipeline.build(settings).status == "published"
        yield settings


def verdict_after(settings: Settings, change: str) -> Verdict:
    """What gate 2 says of the last build's marts after one statement, which is taken back."""
    transformer = engine(settings, Role.TRANSFORMER)
    with transformer.begin() as connection:
        build_id: int = connection.execute(text("select max(build_id) from ops.builds")).scalar_one()
        connection.execute(text(f"create table marts_build.kept as table {_table(change)}"))
        connection.execute(text(change))
    try:
        return validation.validate_build(settings, transformer, build_id)
    finally:
        with transformer.begin() as connection:
            connection.execute(text(f"delete from {_table(change)}"))
            connection.execute(text(f"insert into {_table(change)} table marts_build.kept"))
            connection.execute(text("drop table marts_build.kept"))


def _table(change: str) -> str:
    words = change.split()
    return words[words.index("update") + 1] if "update" in words else words[words.index("from") + 1]


SHARES = "marts_build.trend_answer_share"
CHANGES = "marts_build.trend_change"
GRADES = "marts_build.question_comparability"
AUDIT = "intermediate.disclosure_audit"
PUBLISHED = "where cell_status = 'published' and measure = 'first_choice' and wave_id = 'w1'"


BROKEN = [
    ("interval_holds_share", f"update {SHARES} set ci_low = share + 0.01 {PUBLISHED}"),
    ("bounds_hold_share", f"update {SHARES} set bound_low = share + 0.01 {PUBLISHED}"),
    ("share_is_count_over_base", f"update {SHARES} set chosen_count = chosen_count + 1 {PUBLISHED}"),
    ("base_within_frame", f"update {SHARES} set frame_count = 3 {PUBLISHED}"),
    ("unpublished_cell_without_figures", f"update {SHARES} set cell_status = 'too_few' {PUBLISHED}"),
    ("of_this_build", f"update {SHARES} set publish_id = publish_id - 1"),
    ("accepted_wave_present", "delete from marts_build.dim_wave where survey_id = 'tiny'"),
    ("closed_wave_has_shares", f"delete from {SHARES} where survey_id = 'tiny'"),
    ("closed_wave_has_responses", "update marts_build.dim_wave set response_count = 0 where wave_id = 'w1'"),
    ("open_wave_hidden", "update marts_build.dim_wave set wave_status = 'open' where wave_id = 'w1'"),
    ("topical_marts_select", "update marts_build.trend_financing set share = share / 2"),
    ("change_is_difference_of_shares", f"update {CHANGES} set change_points = change_points + 1"),
    ("only_like_is_compared", f"update {GRADES} set grade = 'broken'"),
    ("only_like_is_compared", f"update {GRADES} set grade = 'scale_changed'"),
    ("only_like_is_compared", f"delete from {GRADES}"),
    (
        "only_like_is_compared",
        f"update {GRADES} set grade = 'options_changed' where question_id = 'first_challenges'",
    ),
    (
        "only_like_is_compared",
        "update marts_build.dim_question_wave set kind = 'text' where wave_id = '2022'",
    ),
    (
        "only_like_is_compared",
        "update marts_build.dim_wave set data_origin = 'collected' where wave_id = '2022'",
    ),
    ("every_table_audited", f"update {AUDIT} set build_id = build_id - 1"),
    ("every_table_audited", f"delete from {AUDIT} where wave_id = '2022' and segment_kind = 'role'"),
    ("no_withheld_cell_recoverable", f"update {AUDIT} set recoverable_count = 1"),
    ("no_small_group_shown", f"update {AUDIT} set small_count = 1"),
    ("stages_make_up_the_month", "delete from marts_build.dim_product where product_id = 'v2:1'"),
    (
        "all_is_all_dpgs",
        "update marts_build.trend_registry set product_count = 7 where dimension = 'all'",
    ),
    ("no_address_of_a_person", f"update {SHARES} set option_label = 'ask a.person@example.org'"),
    ("no_address_of_a_person", "update marts_build.dim_option set option_label = 'from 192.0.2.7'"),
]


@pytest.mark.parametrize(("rule", "change"), BROKEN)
def test_each_rule_is_broken_by_what_it_is_there_for(built: Settings, rule: str, change: str) -> None:
    verdict = verdict_after(built, change)
    assert not verdict.success
    assert rule in {failure.rule for failure in verdict.failures}


LEAK = """
    update marts_build.trend_answer_share_by_segment as cells set
        cell_status = 'published', share_band = null, chosen_count = counted.chosen_count
    from (
        select choices.option_id, segments.segment_value, count(*)::integer as chosen_count
        from intermediate.int_choices as choices
        inner join intermediate.int_respondent_segments as segments
            using (survey_id, wave_id, response_id)
        where wave_id = '2022' and question_id = :question_id and measure = :measure
            and segment_kind = 'role'
        group by option_id, segment_value
    ) as counted
    where wave_id = '2022' and question_id = :question_id and measure = :measure
        and segment_kind = 'role' and cells.cell_status = 'banded'
        and cells.option_id = :option_id and cells.option_id = counted.option_id
        and cells.segment_value = counted.segment_value and cells.segment_value <> :kept_back
"""


def test_the_attacker_finds_a_count_that_is_withheld_alone(built: Settings) -> None:
    """All but one of an option's withheld cells are shown: the last is the total less the others."""
    withheld = """
        select question_id, measure, option_id, min(segment_value)
        from marts_build.trend_answer_share_by_segment
        where wave_id = '2022' and segment_kind = 'role' and option_id not in ('all_other', 'top_two')
        group by 1, 2, 3
        having count(*) filter (where cell_status = 'banded') = count(*)
        order by 1, 2, 3 limit 1
    """
    ((question, measure, option, kept_back),) = rows(built, withheld, Role.TRANSFORMER)
    ((build_id,),) = rows(built, "select max(build_id) from ops.builds")
    transformer, table = engine(built, Role.TRANSFORMER), "marts_build.trend_answer_share_by_segment"
    with transformer.begin() as connection:
        connection.execute(text(f"create table marts_build.kept as table {table}"))
        changed = connection.execute(
            text(LEAK),
            {"question_id": question, "measure": measure, "option_id": option, "kept_back": kept_back},
        )
        assert changed.rowcount >= 1
    try:
        figures.audit_marts(transformer, figures.Rules(10, 3), "intermediate", build_id)
        found = "select sum(recoverable_count) from intermediate.disclosure_audit where wave_id = '2022'"
        assert rows(built, found, Role.TRANSFORMER)[0][0] > 0
    finally:
        with transformer.begin() as connection:
            connection.execute(text(f"delete from {table}"))
            connection.execute(text(f"insert into {table} table marts_build.kept"))
            connection.execute(text("drop table marts_build.kept"))
        figures.audit_marts(transformer, figures.Rules(10, 3), "intermediate", build_id)


MODELS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
MARTS = sorted(path.stem for path in MODELS.rglob("*.sql"))
TOPICAL = sorted(path.stem for path in MODELS.rglob("*.sql") if "topical_trend(" in path.read_text("utf-8"))


def looked_at(connection: Connection, asset_name: str) -> list[Any]:
    suite = validation.read_suite(EXPECTATIONS / "marts")
    asset = next(asset for asset in suite.assets if asset.asset == asset_name)
    return list(connection.execute(text(project(connection, suite, asset).query)))


def test_an_address_in_any_mart_is_found(built: Settings) -> None:
    """A mart that was added is looked at without anybody's doing."""
    found = {}
    with engine(built, Role.TRANSFORMER).connect() as connection:
        assert sorted(row.mart for row in looked_at(connection, "texts")) == MARTS
        for mart in MARTS:
            planted = connection.execute(text(_planting(connection, mart))).rowcount
            found[mart] = {row.mart: row.address_count for row in looked_at(connection, "texts")}[
                mart
            ] - planted
            connection.rollback()
            assert planted == 1, mart
    assert found == dict.fromkeys(MARTS, 0)


def _planting(connection: Connection, mart: str) -> str:
    """The statement that writes an address into one row of a mart, as its last text or JSON."""
    columns = """
        select column_name, data_type from information_schema.columns
        where table_schema = 'marts_build' and table_name = :mart and data_type in ('text', 'jsonb')
        order by ordinal_position desc limit 1
    """
    ((column, kind),) = connection.execute(text(columns), {"mart": mart})
    return f"""
        update marts_build.{mart} set {column} = to_jsonb('ask a.person@example.org'::text) {
        "" if kind == "jsonb" else "#>> '{}'"
    }
        where ctid = (select min(ctid) from marts_build.{mart})
    """


def test_every_topical_mart_is_held_against_the_shares(built: Settings) -> None:
    with engine(built, Role.TRANSFORMER).connect() as connection:
        assert {row.mart for row in looked_at(connection, "topical")} == set(TOPICAL)


def test_a_build_without_an_audit_of_its_own_leaves_what_readers_see(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = marts_rows(built)
    monkeypatch.setattr(figures, "audit_marts", lambda *_: None)
    outcome = pipeline.build(built)
    assert outcome.status == "refused"
    assert "every_table_audited" in (outcome.reason or "")
    assert marts_rows(built) == before


def test_a_forgotten_folder_of_sources_refuses_the_build(built: Settings) -> None:
    before = marts_rows(built)
    with pytest.raises(UsageError, match="tiny, which has accepted loads: name its folder in DPGW_SOURCES"):
        pipeline.build(replace(built, source_roots=built.source_roots[:1]))
    assert marts_rows(built) == before


def test_every_rule_of_the_suite_is_tried() -> None:
    suite = validation.read_suite(EXPECTATIONS / "marts")
    rules = {rule.rule for asset in suite.assets for rule in asset.rules}
    assert rules == {rule for rule, _ in BROKEN}
