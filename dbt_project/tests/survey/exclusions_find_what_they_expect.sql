-- An exclusion says what it expects to find; another value means that it is about another answer.
with corrections as (
    select * from {{ ref('stg_config__corrections') }}
    where field is not null
),

responses as (
    select * from {{ ref('stg_survey__responses') }}
)

select
    corrections.survey_id,
    corrections.correction_number
from corrections
inner join responses
    on
        corrections.survey_id = responses.survey_id
        and corrections.wave_id = responses.wave_id
        and corrections.response_id = responses.response_id
where coalesce(responses.payload ->> corrections.field, '') <> coalesce(corrections.expected, '')
