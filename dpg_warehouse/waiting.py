"""Which accepted loads the published marts don't hold yet."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.settings import Settings

_WAITING = text(
    """
    select loads.load_id
    from ops.loads
    where loads.load_id = any(:load_ids)
        and loads.status = 'accepted'
        and not exists (
            select 1
            from ops.build_inputs
            where build_inputs.load_id = loads.load_id
                and build_inputs.build_id = (select max(publish_id) from ops.publish_log)
        )
    order by loads.load_id
    """
)


def loads_waiting(settings: Settings, load_ids: Collection[int]) -> tuple[int, ...]:
    """Those of the loads that are accepted and were no input of the last published build."""
    with engine(settings, Role.LOADER).connect() as connection:
        return tuple(connection.execute(_WAITING, {"load_ids": list(load_ids)}).scalars())
