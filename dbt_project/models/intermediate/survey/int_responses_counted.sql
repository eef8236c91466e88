with responses as (
    select * from {{ ref('int_responses_screened') }}
)

select
    survey_id,
    wave_id,
    response_id,
    link_id,
    is_complete,
    submitted_at
from responses
where left_out_reason is null
