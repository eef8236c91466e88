"""A build's row, its lock and its frozen inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, Engine, text

from dpg_warehouse import __version__
from dpg_warehouse.records import ModelResult, UsageError

BUILD_LOCK = 0x44504255


@dataclass(frozen=True)
class Target:
    """Where a build goes: to the schemas that are published from, or to those of one date."""

    as_of: date | None = None

    @property
    def name(self) -> str:
        """The target's name in dbt's profile and in ops.builds."""
        return "main" if self.as_of is None else "as_of"

    @property
    def schema_prefix(self) -> str:
        """What stands before the names of its schemas."""
        return "" if self.as_of is None else f"asof_{self.as_of:%Y%m%d}_"

    def schema(self, name: str) -> str:
        """The schema of that name, as this target has it."""
        return self.schema_prefix + name


@dataclass(frozen=True)
class Build:
    """A build that has frozen its inputs."""

    build_id: int
    target: Target
    load_count: int


@contextmanager
def build_lock(engine: Engine, on_wait: Callable[[], None]) -> Iterator[None]:
    """One build at a time: a second one waits for the first to end, however that ends.

    The lock belongs to a connection, so a killed build lets go of it. Whatever it had begun is
    then marked as interrupted.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = {"key": BUILD_LOCK}
        if not connection.execute(text("select pg_try_advisory_lock(:key)"), key).scalar_one():
            on_wait()
            connection.execute(text("select pg_advisory_lock(:key)"), key)
        try:
            connection.execute(
                text("""
                    update ops.builds set status = 'failed', finished_at = now(),
                        reason = 'The process that built it ended before the build was complete.'
                    where status = 'building' or (status = 'checked' and target = 'main')
                """)
            )
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), key)


def freeze_inputs(engine: Engine, configurations: dict[str, str], target: Target) -> Build:
    """Settle what this build reads: the loads accepted by now and each source's configuration.

    A build as of a date reads the pulls dated up to it.

    `configurations` maps a source's id to its configuration's hash, stored before. Raises
    UsageError where a source with accepted loads isn't among them: a forgotten DPGW_SOURCES would
    otherwise publish marts without it.
    """
    with engine.begin() as connection:
        # One snapshot for all statements: a load accepted meanwhile waits for the next build.
        connection.execute(text("set transaction isolation level repeatable read"))
        _refuse_unconfigured(connection, configurations)
        build_id: int = connection.execute(
            text("""
                insert into ops.builds (target, as_of, status, inputs_hash, code_version)
                values (:target, :as_of, 'building', '', :code_version) returning build_id
            """),
            {"target": target.name, "as_of": target.as_of, "code_version": __version__},
        ).scalar_one()
        _insert_inputs(connection, build_id, configurations, target)
        load_count: int = connection.execute(
            text("""
                with hashed as (
                    select
                        md5(string_agg(concat_ws(' ', source_id, load_id, config_hash), ',' order by
                            source_id, load_id nulls first)) as inputs_hash,
                        count(load_id) as load_count
                    from ops.build_inputs where build_id = :build_id
                )
                update ops.builds set inputs_hash = coalesce(hashed.inputs_hash, '')
                from hashed where builds.build_id = :build_id
                returning hashed.load_count
            """),
            {"build_id": build_id},
        ).scalar_one()
    return Build(build_id, target, load_count)


def _refuse_unconfigured(connection: Connection, configurations: dict[str, str]) -> None:
    unknown: list[str] = list(
        connection.execute(
            text("""
                select distinct source_id from ops.loads
                where status = 'accepted' and source_id <> all(cast(:known as text[]))
                order by source_id
            """),
            {"known": list(configurations)},
        ).scalars()
    )
    if unknown:
        raise UsageError(
            f"No folder of sources holds {', '.join(unknown)}, which has accepted loads: "
            "name its folder in DPGW_SOURCES, or withdraw its loads."
        )


def _insert_inputs(
    connection: Connection, build_id: int, configurations: dict[str, str], target: Target
) -> None:
    if not configurations:
        return
    connection.execute(
        text("""
            with configured (source_id, config_hash) as (
                select * from unnest(cast(:sources as text[]), cast(:hashes as text[]))
            )
            insert into ops.build_inputs
                (build_id, source_id, load_id, feed, wave_id, as_of, config_hash)
            select :build_id, source_id, null, null, null, null, config_hash from configured
            union all
            select
                :build_id, loads.source_id, loads.load_id, loads.feed, loads.wave_id, loads.as_of,
                configured.config_hash
            from ops.loads as loads
            inner join configured on loads.source_id = configured.source_id
            where loads.status = 'accepted' and loads.as_of <= coalesce(:as_of, 'infinity'::date)
        """),
        {
            "build_id": build_id,
            "as_of": target.as_of,
            "sources": list(configurations),
            "hashes": list(configurations.values()),
        },
    )


def record_results(engine: Engine, build_id: int, results: Sequence[ModelResult]) -> None:
    """Keep what dbt said of each model and test."""
    if not results:
        return
    with engine.begin() as connection:
        connection.execute(
            text("""
                insert into ops.dbt_results (
                    build_id, unique_id, resource_type, status, execution_time_s, rows_affected,
                    failures, message
                ) values (
                    :build_id, :unique_id, :resource_type, :status, :seconds, :rows_affected,
                    :failures, :message
                )
            """),
            [{"build_id": build_id} | asdict(result) for result in results],
        )


def end_build(engine: Engine, build_id: int, status: str, reason: str | None) -> None:
    """Write what became of a build that was not published, or that passed its checks."""
    with engine.begin() as connection:
        connection.execute(
            text("""
                update ops.builds set status = :status, reason = :reason, finished_at = now()
                where build_id = :build_id and status in ('building', 'checked')
            """),
            {"build_id": build_id, "status": status, "reason": reason},
        )
