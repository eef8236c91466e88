-- A coding of a response that isn't there is about another text. A wave without a pull has none yet.
with codings as (
    select * from {{ ref('stg_config__codings') }}
),

pulls as (
    select * from {{ ref('stg_survey__pulls') }}
    where is_newest
),

responses as (
    select * from {{ ref('stg_survey__responses') }}
)

select
    codings.survey_id,
    codings.wave_id,
    codings.question_id
from codings
inner join pulls
    on
        codings.survey_id = pulls.survey_id
        and codings.wave_id = pulls.wave_id
left join responses
    on
        codings.survey_id = responses.survey_id
        and codings.wave_id = responses.wave_id
        and codings.response_id = responses.response_id
where responses.response_id is null
