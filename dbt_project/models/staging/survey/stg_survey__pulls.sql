with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

surveys as (
    select * from {{ ref('stg_config__sources') }}
    where kind = 'survey'
)

select
    loads.source_id as survey_id,
    loads.wave_id,
    loads.load_id,
    loads.as_of,
    loads.landed_fields,
    (row_number() over wave_pulls)::integer as pull_number,
    lead(loads.load_id) over wave_pulls is null as is_newest
from loads
inner join surveys
    on loads.source_id = surveys.source_id
window wave_pulls as (
    partition by loads.source_id, loads.wave_id
    order by loads.as_of, loads.load_id
)
