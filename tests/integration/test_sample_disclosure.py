"""How much of the sample's segments is shown: decision 11's table is what its marts hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.database import Role
from dpg_warehouse.records import Credentials, LoadStatus, PullRequest
from dpg_warehouse.settings import PROJECT_ROOT, Settings
from sample_data.kobo_server import DEFAULT_FOLDER, Bodies, KoboServer
from tests.queries import rows
from tests.servers_postgres import EMBEDDED, Servers

DECISION = (PROJECT_ROOT / "docs" / "decisions" / "0011-disclosure.md").read_text(encoding="utf-8")
SURVEY = "dpg_owners_survey"
TOKEN = "a-token"  # noqa: S105 (a test's own)


@pytest.fixture(scope="module")
def published(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A publish of the sample's three waves."""
    home = tmp_path_factory.mktemp("sample") / "home"
    with servers.clean_database(EMBEDDED, home) as settings:
        source = find_source(settings.source_roots, SURVEY)
        with KoboServer(Bodies.read(DEFAULT_FOLDER), TOKEN) as server:
            for wave in source.file.waves:
                request = PullRequest(SURVEY, wave.wave_id, None, None)
                load = pipeline.ingest(settings, source, request, Credentials(server.url, TOKEN))
                assert load.status is LoadStatus.ACCEPTED, load.reason
        outcome = pipeline.build(settings)
        assert outcome.status == "published", outcome.reason
        yield settings


def shown(settings: Settings, what: str, where: str = "true") -> list[tuple[Any, ...]]:
    """A row a wave of what the tables by segment show; a table without bases shows nothing."""
    return rows(
        settings,
        f"""
        select wave_id, {what} from marts.trend_answer_share_by_segment
        where survey_id = '{SURVEY}' and {where} group by wave_id order by wave_id
        """,
        Role.BI_READER,
    )


def test_the_table_of_the_decision_is_what_the_marts_show(published: Settings) -> None:
    tables = shown(
        published,
        """
        count(distinct (question_id, segment_kind)) filter (where base_count is not null),
        count(distinct (question_id, segment_kind)),
        count(distinct (question_id, segment_kind, segment_value)) filter (where base_count is not null),
        count(distinct (question_id, segment_kind, segment_value))
            filter (where base_count is not null and segment_value like '%\\_or\\_%'),
        count(*) filter (where cell_status = 'published'),
        count(*) filter (where cell_status = 'banded' and share_band is not null),
        count(*) filter (where base_count is not null)
        """,
    )
    assert len(tables) == 3
    for wave, with_bases, all_, segments, merged, exact, banded, cells in tables:
        assert exact + banded == cells  # every withheld cell of a shown table has a band
        row = f"| {wave} | {with_bases} | {all_ - with_bases} | {segments}, {merged} | {exact} | {banded} |"
        assert f"{row} {exact / cells:.0%}".replace("%", " % |") in DECISION


def test_what_the_decision_says_of_single_questions_is_so(published: Settings) -> None:
    hidden = shown(
        published,
        "array_agg(distinct question_id order by question_id)",
        "(wave_id, question_id) not in (select wave_id, question_id"
        " from marts.trend_answer_share_by_segment where base_count is not null)",
    )
    assert [questions for _, questions in hidden] == [["implementer_concerns", "supposed_concerns"]] * 3
    first = "question_id = 'first_challenges' and measure = 'first_choice' and option_id = 'financing'"
    kinds = shown(published, "array_agg(distinct segment_kind)", f"{first} and cell_status = 'published'")
    all_kinds = {kind for _, found in kinds for kind in found}
    assert len(all_kinds) == 6
    assert [all_kinds - set(found) for _, found in kinds] == [{"region"}, set(), set()]
    statuses = "count(*), count(*) filter (where cell_status = 'published')"
    coded = shown(published, statuses, "question_id = 'comment_themes' and base_count is not null")
    assert [exact for _, _, exact in coded] == [0, 0, 0]
    assert "({}, {} and {})".format(*(count for _, count, _ in coded)) in DECISION
    others = shown(published, statuses, "question_id <> 'comment_themes' and base_count is not null")
    exact = [round(100 * exact / count) for _, count, exact in others]
    assert "without them {}, {} and {} % are exact".format(*exact) in DECISION


def test_every_count_of_all_is_exact_but_one_each_of_two_questions_put_to_one_role(
    published: Settings,
) -> None:
    banded = rows(
        published,
        """
        select wave_id, question_id, count(*) from marts.trend_answer_share
        where survey_id = 'dpg_owners_survey' and cell_status = 'banded' group by 1, 2 order by 1, 2
        """,
        Role.BI_READER,
    )
    put_to_one = ("implementer_concerns", "supposed_concerns")
    assert banded == [(wave, question, 1) for wave in ("2022", "2023", "2024") for question in put_to_one]
