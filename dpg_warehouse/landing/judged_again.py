"""Loads under changed files: which configuration judges a load, and what it says of an accepted one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from dpg_warehouse.landing.loads import LOAD_COLUMNS, find_load, load_of
from dpg_warehouse.records import Load


def use_configuration(
    connection: Connection, load: Load, config_hash: str, mapped_fields: Sequence[str] | None = None
) -> None:
    """The load is judged, and read, by the configuration of that hash from now on.

    An accepted load counts as refused until its new verdict is noted, in case nobody lives to do so.
    """
    connection.execute(
        text("""
            update ops.loads set config_hash = :config_hash, mapped_fields = :mapped_fields,
                later_refusal = case
                    when status = 'accepted' then 'It was being judged again, and that did not end.'
                end
            where load_id = :load_id
        """),
        {
            "load_id": load.load_id,
            "config_hash": config_hash,
            "mapped_fields": None if mapped_fields is None else list(mapped_fields),
        },
    )


def note_later_verdict(connection: Connection, load: Load, refusal: str | None) -> Load:
    """An accepted load was judged again: it stays accepted, and builds refuse it for `refusal`."""
    connection.execute(
        text("""
            update ops.loads set later_refusal = :refusal
            where load_id = :load_id and status = 'accepted'
        """),
        {"load_id": load.load_id, "refusal": refusal},
    )
    return find_load(connection, load.load_id)


def loads_to_judge_again(connection: Connection, build_id: int) -> list[Load]:
    """The newest load of each wave that a build froze, if other files judged it last or it is refused.

    What was accepted or taken back since is nothing to it: the build reads the loads that it froze.
    """
    found = connection.execute(
        text(f"""
            with newest as (
                select distinct on (source_id, wave_id) load_id, config_hash as frozen_hash
                from ops.build_inputs
                where build_id = :build_id and wave_id is not null
                order by source_id, wave_id, as_of desc, load_id desc
            )
            select {LOAD_COLUMNS} from ops.loads inner join newest using (load_id)
            where config_hash is distinct from frozen_hash or later_refusal is not null
            order by source_id, wave_id
        """),  # noqa: S608 - own constant
        {"build_id": build_id},
    ).mappings()
    return [load_of(row) for row in found]
