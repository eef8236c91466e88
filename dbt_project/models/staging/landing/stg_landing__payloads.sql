with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
),

found_in_frozen_loads as (
    -- A payload's key and content belong to one generation of the format, so min() only picks it.
    select
        memberships.source_id,
        memberships.payload_no,
        min(loads.format) as format
    from memberships
    inner join loads
        on memberships.load_id = loads.load_id
    group by
        memberships.source_id,
        memberships.payload_no
)

select
    payloads.source_id,
    payloads.payload_no,
    payloads.record_type,
    payloads.record_key,
    found_in_frozen_loads.format,
    payloads.payload
from {{ source('landing', 'payloads') }} as payloads
inner join found_in_frozen_loads
    on
        payloads.source_id = found_in_frozen_loads.source_id
        and payloads.payload_no = found_in_frozen_loads.payload_no
