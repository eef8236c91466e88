"""Whatever is killed or runs at once: a repeat gives the marts of an undisturbed run."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
from sqlalchemy import text

from dpg_warehouse import pipeline
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import LoadStatus
from tests.faults.conftest import Dpgw, Published, wait_until
from tests.pulls import ingest_snapshot, product, snapshot
from tests.queries import marts_rows, rows, value


class Registry(ThreadingHTTPServer):
    """A registry whose answer stops in the middle until `goes_on` is set, or for good if it `breaks_off`."""

    def __init__(self, body: bytes) -> None:
        self.body, self.goes_on, self.asked = body, threading.Event(), threading.Event()
        self.breaks_off = False
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/dpgs"


class Answer(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        body = self.server.body
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.server.asked.set()
        self.server.goes_on.wait(60)
        if not self.server.breaks_off:
            self.wfile.write(body[len(body) // 2 :])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own
        """Say nothing."""


def last_load(published: Published) -> tuple[str, str]:
    query = "select status, coalesce(reason, '') from ops.loads order by load_id desc limit 1"
    ((status, reason),) = rows(published.settings, query)
    return status, reason


def test_a_killed_ingest_is_marked_and_a_repeat_succeeds(published: Published, dpgw: Dpgw) -> None:
    server = Registry(orjson.dumps([product(number) for number in range(1, 9)]))
    try:
        ingest = dpgw("ingest", "dpg_registry", "--from", server.url)
        assert server.asked.wait(60)
        assert last_load(published)[0] == "opened"
        ingest.kill()
        server.goes_on.set()
        code, said = dpgw("ingest", "dpg_registry", "--from", server.url).finish()
        assert code == 0, said
        statuses = rows(published.settings, "select status from ops.loads order by load_id desc limit 2")
        assert statuses == [("accepted",), ("failed",)]
    finally:
        server.shutdown()
        _withdraw_last(published)


def test_a_page_that_fails_half_way_is_a_failed_load_and_a_repeat_succeeds(
    published: Published, dpgw: Dpgw
) -> None:
    server = Registry(orjson.dumps([product(number) for number in range(1, 12)]))
    server.breaks_off = True
    server.goes_on.set()
    before = value(published.settings, "select count(*) from landing.payloads")
    try:
        code, said = dpgw("ingest", "dpg_registry", "--from", server.url).finish()
        assert code == 1, said
        assert last_load(published)[0] == "failed"
        assert value(published.settings, "select count(*) from landing.payloads") == before
        server.breaks_off = False
        code, said = dpgw("ingest", "dpg_registry", "--from", server.url).finish()
        assert code == 0, said
    finally:
        server.shutdown()
        _withdraw_last(published)


def _withdraw_last(published: Published) -> None:
    """Other tests expect the marts without what this one loaded."""
    load_id = value(published.settings, "select max(load_id) from ops.loads where status = 'accepted'")
    pipeline.withdraw(published.settings, load_id, "loaded by a test alone")


def test_a_killed_build_leaves_the_marts_and_a_repeat_publishes(published: Published, dpgw: Dpgw) -> None:
    build = dpgw("build")
    newest = value(published.settings, "select max(build_id) from ops.builds")
    wait_until(lambda: value(published.settings, "select max(build_id) from ops.builds") > newest)
    wait_until(lambda: _is_modelling(published))
    build.kill()
    assert marts_rows(published.settings) == published.marts

    code, said = dpgw("build").finish()
    assert code == 0, said
    assert marts_rows(published.settings) == published.marts
    interrupted = rows(
        published.settings, "select status, reason from ops.builds where build_id = :b", b=newest + 1
    )
    assert interrupted == [("failed", "The process that built it ended before the build was complete.")]


def _is_modelling(published: Published) -> bool:
    query = """
        select count(*) from pg_stat_activity
        where usename = 'dpgw_transformer' and query like '%dbt%' and datname = current_database()
    """
    return bool(value(published.settings, query, Role.TRANSFORMER) > 1)


def test_a_killed_publish_leaves_the_marts_and_a_repeat_publishes(published: Published, dpgw: Dpgw) -> None:
    """A lock on the last mart stops the publish half way, with the first marts' rows already replaced."""
    with engine(published.settings, Role.TRANSFORMER).connect() as reader:
        reader.execute(text("lock table marts.trend_technical_challenge in share mode"))
        build = dpgw("build")
        wait_until(lambda: _waits_to_publish(published))
        build.kill()
        reader.rollback()
    assert marts_rows(published.settings) == published.marts
    code, said = dpgw("build").finish()
    assert code == 0, said
    assert marts_rows(published.settings) == published.marts


def _waits_to_publish(published: Published) -> bool:
    query = """
        select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and query like 'delete from marts.%'
            and datname = current_database()
    """
    return bool(value(published.settings, query, Role.TRANSFORMER))


def test_two_builds_at_once_both_publish_the_same(published: Published, dpgw: Dpgw) -> None:
    builds = [dpgw("build"), dpgw("build")]
    finished = [build.finish() for build in builds]
    assert [code for code, _ in finished] == [0, 0], finished
    assert marts_rows(published.settings) == published.marts
    states = rows(published.settings, "select status from ops.builds order by build_id desc limit 2")
    assert states == [("published",), ("published",)]


def test_a_load_accepted_in_the_middle_of_a_build_waits_for_the_next(
    published: Published, dpgw: Dpgw, tmp_path: Path
) -> None:
    newest = value(published.settings, "select max(build_id) from ops.builds")
    build = dpgw("build")
    wait_until(lambda: value(published.settings, "select max(build_id) from ops.builds") > newest)
    more = [product(number) for number in range(1, 12)]
    load = ingest_snapshot(published.settings, snapshot(tmp_path, "2024-01-09", more))
    try:
        assert load.status is LoadStatus.ACCEPTED
        assert value(published.settings, "select status from ops.builds order by 1 limit 1") is not None
        code, said = build.finish()
        assert code == 0, said
        assert marts_rows(published.settings) == published.marts

        assert pipeline.build(published.settings).status == "published"
        count = "select count(*) from marts.dim_product where is_current"
        assert value(published.settings, count, Role.BI_READER) == 11
    finally:
        pipeline.withdraw(published.settings, load.load_id, "Other tests expect the marts without it.")
        assert pipeline.build(published.settings).status == "published"
    assert marts_rows(published.settings) == published.marts
