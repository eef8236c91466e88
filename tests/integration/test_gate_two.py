"""Gate 2: what keeps a build from readers, and what harmless text doesn't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from dpg_warehouse import pipeline, validation
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import LoadStatus, UsageError, Verdict
from dpg_warehouse.settings import Settings
from dpg_warehouse.validation.suites import EXPECTATIONS
from tests.pulls import ingest_answers, ingest_snapshot, product, snapshot, survey_settings
from tests.queries import marts_rows
from tests.servers_postgres import EMBEDDED, Servers

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


def test_a_refused_build_leaves_what_readers_see(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = marts_rows(built)
    bad = verdict_after(built, f"update {SHARES} set ci_low = share + 0.01 {PUBLISHED}")
    monkeypatch.setattr(validation, "validate_build", lambda *_: bad)
    outcome = pipeline.build(built)
    assert outcome.status == "refused"
    assert "interval_holds_share" in (outcome.reason or "")
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
