"""What edits, deletions, reviews and repeated answers on a KoboToolbox server do to the marts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from dpg_warehouse import pipeline
from dpg_warehouse.cli.main import app
from dpg_warehouse.database import Role
from dpg_warehouse.settings import Settings
from tests.environments import environment_of
from tests.kobo_waves import KoboWave, kobo_wave, submission
from tests.queries import rows
from tests.servers_postgres import EMBEDDED, Servers

NOT_APPROVED = {"uid": "validation_status_not_approved", "by_whom": "planted_login"}
APPROVED = {"uid": "validation_status_approved", "by_whom": "planted_login"}
LEDGER = ("int_response_versions", "int_response_events", "int_responses_screened", "int_responses_counted")
MARTS = ("dim_wave", "trend_answer_share", "trend_financing")
Snapshot = dict[str, list[str]]


class Story:
    """Three pulls, a build after the second and the third, and one as of the second."""

    def __init__(self, wave: KoboWave) -> None:
        self.wave = wave
        self.settings: Settings = wave.settings
        wave.put(*(submission(n, "money" if n <= 12 else "licence") for n in range(1, 16)))
        wave.accept("2024-02-05")
        wave.put(
            submission(1, "licence", _uuid="saving-1-b"),
            submission(3, _validation_status=NOT_APPROVED),
            submission(4, _uuid="saving-4-b"),
        )
        del wave.submissions[2]
        wave.accept("2024-02-06")
        self.second = self.build("")
        wave.put(
            submission(2),
            submission(3, _validation_status=APPROVED),
            submission(16, "licence", person="planted-5@example.org"),
        )
        wave.accept("2024-02-07")
        self.third = self.build("")
        # Of a day on which the response that it excludes had not arrived.
        (wave.source.folder / "corrections.csv").write_text(
            "wave_id,record_key,action,field,expected,value,reason\n"
            "w1,uuid:root-016,exclude,challenge,licence,,A test\n",
            encoding="utf-8",
        )
        self.second_from_later = self.build("asof_20240206_", "2024-02-06")

    def build(self, prefix: str, as_of: str | None = None) -> Snapshot:
        outcome = pipeline.build(self.settings, as_of=date.fromisoformat(as_of) if as_of else None)
        assert outcome.status == ("checked" if as_of else "published"), outcome.reason
        tables = {table: f"{prefix}intermediate.{table}" for table in LEDGER}
        tables |= {table: f"{prefix}marts_build.{table}" for table in MARTS}
        return {
            table: [
                row
                for (row,) in rows(
                    self.settings,
                    f"select (to_jsonb(t) - 'publish_id')::text from {name} as t order by 1",
                    Role.TRANSFORMER,
                )
            ]
            for table, name in tables.items()
        }

    def ask(self, statement: str) -> list[Any]:
        return rows(self.settings, statement, Role.ANALYST)


@pytest.fixture(scope="module")
def story(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("ledger")
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        servers.clean_database(EMBEDDED, folder / "home") as own,
        kobo_wave(own, folder, monkeypatch) as wave,
    ):
        yield Story(wave)


def screened(story: Story, response: int, prefix: str = "") -> list[str | None]:
    found = story.ask(
        f"""
        select left_out_reason from {prefix}intermediate.int_responses_screened
        where response_id = 'uuid:root-{response:03}'
        """
    )
    return [reason for (reason,) in found]


def test_each_response_is_left_out_for_its_own_reason_and_comes_back(story: Story) -> None:
    before = [screened(story, n, "asof_20240206_") for n in (1, 2, 3, 4, 5)]
    after = [screened(story, n) for n in (1, 2, 3, 4, 5, 16)]
    assert before == [[None], ["deleted"], ["not_approved"], [None], [None]]
    assert after == [[None], [None], [None], [None], ["duplicate"], [None]]


def test_versions_begin_with_changed_answers_and_end_with_the_pull_that_no_longer_shows_them(
    story: Story,
) -> None:
    versions = story.ask(
        """
        select response_id, version_no, valid_from::text, valid_to::text, is_deleted, is_edit, is_restoration
        from intermediate.int_response_versions
        where response_id in ('uuid:root-001', 'uuid:root-002', 'uuid:root-003', 'uuid:root-004')
        order by 1, 2
        """
    )
    assert versions == [
        ("uuid:root-001", 1, "2024-02-05", "2024-02-06", False, False, False),
        ("uuid:root-001", 2, "2024-02-06", None, False, True, False),
        ("uuid:root-002", 1, "2024-02-05", "2024-02-06", True, False, False),
        ("uuid:root-002", 2, "2024-02-07", None, False, False, True),
        ("uuid:root-003", 1, "2024-02-05", None, False, False, False),
        ("uuid:root-004", 1, "2024-02-05", None, False, False, False),
    ]


def test_what_is_no_edit_is_recorded_all_the_same(story: Story) -> None:
    events = story.ask(
        """
        select response_id, event, as_of::text from intermediate.int_response_events
        where event <> 'arrived' order by as_of, response_id, event
        """
    )
    assert events == [
        ("uuid:root-001", "edited", "2024-02-06"),
        ("uuid:root-002", "deleted", "2024-02-06"),
        ("uuid:root-003", "reviewed", "2024-02-06"),
        ("uuid:root-004", "saved_again", "2024-02-06"),
        ("uuid:root-002", "restored", "2024-02-07"),
        ("uuid:root-003", "reviewed", "2024-02-07"),
    ]


COUNTS = """
    select response_count, edited_count, deleted_count, not_approved_count, duplicate_count,
        form_version_count
    from {schema}.dim_wave where survey_id = 'tiny'
"""


def test_readers_see_how_many_were_left_out_and_why(story: Story) -> None:
    assert story.ask(COUNTS.format(schema="asof_20240206_marts_build")) == [(13, 1, 1, 1, 0, 1)]
    assert story.ask(COUNTS.format(schema="marts")) == [(15, 1, 0, 0, 1, 1)]


def test_shares_count_the_latest_answer_of_each_respondent(story: Story) -> None:
    shares = """
        select option_id, chosen_count, base_count from {schema}.trend_answer_share
        where survey_id = 'tiny' and question_id = 'first_challenge' order by 1
    """
    assert story.ask(shares.format(schema="asof_20240206_marts_build")) == [
        ("financing", 9, 13),
        ("licensing", 4, 13),
    ]
    assert story.ask(shares.format(schema="marts")) == [("financing", 10, 15), ("licensing", 5, 15)]


def test_a_build_as_of_a_date_equals_the_one_made_then(story: Story) -> None:
    assert story.second_from_later == story.second
    assert story.second_from_later != story.third


def test_a_build_as_of_a_date_publishes_nothing(story: Story) -> None:
    ((status, target),) = rows(
        story.settings, "select status, target from ops.builds order by build_id desc limit 1"
    )
    published = rows(story.settings, "select max(publish_id) from ops.publish_log")
    assert (status, target) == ("checked", "as_of")
    assert published == rows(story.settings, "select max(build_id) from ops.builds where target = 'main'")


def test_analysts_read_the_schemas_of_a_date_and_bi_readers_do_not(story: Story) -> None:
    assert story.ask("select count(*) > 0 from asof_20240206_intermediate.int_responses_counted") == [(True,)]
    assert rows(
        story.settings,
        "select has_schema_privilege('dpgw_bi_reader', 'asof_20240206_marts_build', 'usage')",
    ) == [(False,)]


def test_a_pull_in_smaller_pages_is_the_same_load(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = story.wave.accept("2024-02-08")
    monkeypatch.setattr("sample_data.kobo_server.MAX_PAGE", 2)
    assert story.wave.accept("2024-02-08").load_id == whole.load_id


def test_schemas_of_a_date_are_dropped_once_nobody_has_built_them_lately(story: Story) -> None:
    """Runs last: its schemas are gone afterwards, and the build of the date stays on the record."""
    lately = datetime.now(UTC) - timedelta(days=1)
    assert pipeline.drop_old_as_of_schemas(story.settings, lately) == []
    assert pipeline.drop_old_as_of_schemas(story.settings, datetime.now(UTC)) == [
        "asof_20240206_intermediate",
        "asof_20240206_marts_build",
        "asof_20240206_staging",
    ]
    assert rows(story.settings, "select status from ops.builds where target = 'as_of'") == [("checked",)]


def test_the_command_says_how_to_read_what_it_built(story: Story) -> None:
    environment = environment_of(story.settings)
    future = CliRunner().invoke(app, ["build", "--as-of", "2999-01-01"], env=environment)
    assert "after today" in str(future.exception)
    built = CliRunner().invoke(app, ["build", "--as-of", "2024-02-05"], env=environment)
    assert built.exit_code == 0, built.output
    assert "nothing is published" in built.output
    assert "table asof_20240205_marts_build.dim_wave" in built.output
