{{ config(materialized='table') }}

with frozen_inputs as (
    select build_inputs.load_id
    from {{ source('ops', 'build_inputs') }} as build_inputs
    where
        build_inputs.build_id = {{ current_build_id() }}
        and build_inputs.load_id is not null
)

select
    loads.load_id,
    loads.source_id,
    loads.feed,
    loads.wave_id,
    loads.as_of,
    loads.format,
    loads.data_origin,
    loads.landed_fields,
    loads.received_count,
    loads.tolerated_count,
    loads.finished_at
from {{ source('ops', 'loads') }} as loads
inner join frozen_inputs
    on loads.load_id = frozen_inputs.load_id
