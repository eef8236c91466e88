with responses as (
    select * from {{ ref('stg_survey__responses') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
    where layout = 'coded'
),

codings as (
    select * from {{ ref('stg_config__codings') }}
)

select
    responses.survey_id,
    responses.wave_id,
    responses.response_id,
    questions.question_id
from responses
inner join questions
    on
        responses.survey_id = questions.survey_id
        and responses.wave_id = questions.wave_id
where
    trim(responses.payload ->> questions.field) <> ''
    and not exists (
        select 1
        from codings
        where
            codings.survey_id = responses.survey_id
            and codings.wave_id = responses.wave_id
            and codings.response_id = responses.response_id
            and codings.question_id = questions.question_id
    )
