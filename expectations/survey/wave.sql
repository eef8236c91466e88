-- One row: the load's wave, with its responses held against how many were invited. Responses that
-- corrections.csv excludes or a reviewer did not approve count nowhere, so here neither.
with load as (
    select
        loads.load_id,
        loads.source_id,
        loads.wave_id,
        loads.config_hash,
        (wave.content -> 'frame' ->> 'count')::integer as frame_count,
        coalesce((wave.content ->> 'closed_on')::date < loads.as_of, false) as is_closed,
        loads.as_of
    from ops.loads as loads
    inner join ops.configuration_rows as wave
        on
            loads.source_id = wave.source_id
            and loads.config_hash = wave.config_hash
            and wave.file = 'waves'
            and loads.wave_id = wave.content ->> 'wave_id'
    where loads.load_id = :load_id
),

excluded as (
    select corrections.content ->> 'record_key' as record_key
    from load
    inner join ops.configuration_rows as corrections
        on
            load.source_id = corrections.source_id
            and load.config_hash = corrections.config_hash
            and corrections.file = 'corrections'
            and load.wave_id = corrections.content ->> 'wave_id'
),

counted as (
    select count(*) as response_count
    from load
    inner join landing.memberships as memberships
        on load.source_id = memberships.source_id and load.load_id = memberships.load_id
    cross join lateral unnest(memberships.payload_nos) as member (payload_no)
    inner join landing.payloads as payloads
        on load.source_id = payloads.source_id and member.payload_no = payloads.payload_no
    where
        payloads.record_type = 'record'
        and payloads.record_key not in (select excluded.record_key from excluded)
        and payloads.payload ->> '_validation_status' is distinct from 'validation_status_not_approved'
)

select
    load.wave_id,
    load.frame_count,
    counted.response_count,
    counted.response_count > 0 or not (
        load.is_closed or exists (
            select 1
            from ops.loads as earlier
            where
                earlier.source_id = load.source_id
                and earlier.wave_id = load.wave_id
                and earlier.status = 'accepted'
                and earlier.as_of < load.as_of
                and earlier.received_count > 0
        )
    ) as has_what_it_must,
    coalesce(greatest(counted.response_count - load.frame_count, 0), 0) as beyond_frame_count
from load
cross join counted
