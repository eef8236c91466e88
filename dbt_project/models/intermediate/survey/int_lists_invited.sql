with waves as (
    select * from {{ ref('stg_config__waves') }}
),

margins as (
    select * from {{ ref('stg_config__frame') }}
    where segment_kind = 'all'
)

select
    waves.survey_id,
    waves.wave_id,
    waves.frame_count as invited_count,
    margins.bounced_count,
    margins.ineligible_count
from waves
left join margins
    on
        waves.survey_id = margins.survey_id
        and waves.wave_id = margins.wave_id
where waves.frame_count is not null
