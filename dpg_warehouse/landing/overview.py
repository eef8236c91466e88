"""What people ask about loads: the state of each source, and why a load was rejected or is held."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from dpg_warehouse.records import UsageError

Row = dict[str, Any]


def last_loads(connection: Connection) -> list[Row]:
    """Of each source, wave and feed the accepted load that counts, and a newer one that isn't accepted."""
    return _rows(
        connection,
        """
        with ranked as (
            select
                *,
                row_number() over (
                    partition by source_id, wave_id, feed, status = 'accepted'
                    order by as_of desc nulls last, load_id desc
                ) as place,
                max(load_id) filter (where status = 'accepted')
                    over (partition by source_id, wave_id) as last_accepted
            from ops.loads
        )
        select
            source_id, wave_id, feed, load_id, as_of, status, received_count, tolerated_count,
            new_payload_count, data_origin, finished_at, reason
        from ranked
        where place = 1 and (status = 'accepted' or load_id > coalesce(last_accepted, 0))
        order by source_id, wave_id nulls first, feed nulls last, load_id
        """,
    )


def newest_accepted(connection: Connection) -> list[Row]:
    """Per source: the newest date that was accepted, and how many loads were."""
    return _rows(
        connection,
        """
        select source_id, max(as_of) as latest_as_of, count(*) as accepted_count
        from ops.loads where status = 'accepted'
        group by source_id order by source_id
        """,
    )


def last_builds(connection: Connection) -> list[Row]:
    """The last build of the marts, and the last one that was published."""
    return _rows(
        connection,
        """
        select builds.build_id, builds.status, builds.started_at, builds.finished_at, builds.reason,
            log.published_at, log.duration_s
        from ops.builds as builds
        left join ops.publish_log as log on builds.build_id = log.publish_id
        where builds.build_id in
            (
                select max(build_id) from ops.builds where target = 'main'
                union
                select max(publish_id) from ops.publish_log
            )
        order by builds.build_id desc
        """,
    )


def refused_loads(connection: Connection) -> list[Row]:
    """Loads that are rejected or held, newest first, unless the same date was accepted since.

    And accepted ones that gate 1 refuses since their source's files changed.
    """
    return _rows(
        connection,
        """
        select
            load_id, source_id, feed, wave_id, as_of, status,
            coalesce(later_refusal, reason) as reason, started_at
        from ops.loads as refused
        where (status in ('rejected', 'held') or later_refusal is not null)
            and not exists (
                select 1 from ops.loads as later
                where later.status = 'accepted' and later.load_id > refused.load_id
                    and later.source_id = refused.source_id
                    and later.wave_id is not distinct from refused.wave_id
                    and later.as_of is not distinct from refused.as_of
            )
        order by load_id desc
        """,
    )


def broken_rules(connection: Connection, load_id: int) -> list[Row]:
    """The rules that the load breaks: rule, column, count and what names the failing rows."""
    return _rows(
        connection,
        """
        select rule, severity, asset, column_name, unexpected_count, evaluated_count, example_keys,
            description
        from ops.validation_results
        where load_id = :load_id and is_latest and not success
        order by severity, result_id
        """,
        load_id=load_id,
    )


def faults(connection: Connection, load_id: int) -> list[Row]:
    """What the load's pull could not make a member, a row a kind, with examples by key or field name."""
    return _rows(
        connection,
        """
        select kind, count(*) as fault_count,
            (array_agg(coalesce(nullif(detail, ''), record_key, 'record ' || position)
                order by fault_no))[1:20] as examples
        from landing.faults
        where load_id = :load_id
            and source_id = (select source_id from ops.loads where load_id = :load_id)
        group by kind order by kind
        """,
        load_id=load_id,
    )


def source_of_load(connection: Connection, load_id: int) -> str:
    """The source of a load; raise UsageError where there is no such load."""
    source_id: str | None = connection.execute(
        text("select source_id from ops.loads where load_id = :load_id"), {"load_id": load_id}
    ).scalar_one_or_none()
    if source_id is None:
        raise UsageError(f"There is no load {load_id}; `dpgw status` lists the last ones.")
    return source_id


def _rows(connection: Connection, statement: str, **parameters: object) -> list[Row]:
    return [dict(row) for row in connection.execute(text(statement), parameters).mappings()]
