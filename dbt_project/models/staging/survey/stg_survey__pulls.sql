with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

surveys as (
    select * from {{ ref('stg_config__sources') }}
    where kind = 'survey'
)

select distinct on (loads.source_id, loads.wave_id)
    loads.source_id as survey_id,
    loads.wave_id,
    loads.load_id,
    loads.as_of
from loads
inner join surveys
    on loads.source_id = surveys.source_id
order by
    loads.source_id asc,
    loads.wave_id asc,
    loads.as_of desc,
    loads.load_id desc
