"""The questionnaires that landed with a wave's answers."""

from __future__ import annotations

from sqlalchemy import Connection, text

from dpg_warehouse.records import JsonObject

_NEWEST_FORM = text("""
    select payloads.payload
    from ops.loads as loads
    inner join landing.memberships as memberships
        on loads.source_id = memberships.source_id and loads.load_id = memberships.load_id
    cross join lateral unnest(memberships.form_nos) as member (payload_no)
    inner join landing.payloads as payloads
        on loads.source_id = payloads.source_id and member.payload_no = payloads.payload_no
    where
        loads.source_id = :source_id
        and loads.wave_id = :wave_id
    order by loads.load_id desc, payloads.payload ->> 'date_deployed' desc
    limit 1
""")


def newest_form(connection: Connection, source_id: str, wave_id: str) -> JsonObject | None:
    """The `content` of the form version that was deployed last, of the wave's newest load; else None."""
    found = connection.execute(_NEWEST_FORM, {"source_id": source_id, "wave_id": wave_id}).scalar()
    content = found.get("content") if isinstance(found, dict) else None
    return content if isinstance(content, dict) else None
