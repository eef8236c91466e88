-- An exclusion that finds nobody, or another value than it expects, is about another answer. A wave
-- without a pull has nobody to find yet.
with corrections as (
    select * from {{ ref('stg_config__corrections') }}
),

pulls as (
    select * from {{ ref('stg_survey__pulls') }}
),

responses as (
    select * from {{ ref('stg_survey__responses') }}
)

select
    corrections.survey_id,
    corrections.correction_number
from corrections
inner join pulls
    on
        corrections.survey_id = pulls.survey_id
        and corrections.wave_id = pulls.wave_id
left join responses
    on
        corrections.survey_id = responses.survey_id
        and corrections.wave_id = responses.wave_id
        and corrections.response_id = responses.response_id
where
    responses.response_id is null
    or (
        corrections.field is not null
        and coalesce(responses.payload ->> corrections.field, '') <> coalesce(corrections.expected, '')
    )
