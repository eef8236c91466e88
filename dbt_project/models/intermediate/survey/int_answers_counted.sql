with answers as (
    select * from {{ ref('stg_survey__answers') }}
),

shown as (
    select * from {{ ref('int_questions_shown') }}
)

select
    answers.survey_id,
    answers.wave_id,
    answers.response_id,
    answers.question_id,
    answers.kind,
    answers.option_id,
    answers.rank_position,
    answers.number_value
from answers
inner join shown
    on
        answers.survey_id = shown.survey_id
        and answers.wave_id = shown.wave_id
        and answers.question_id = shown.question_id
        and answers.response_id = shown.response_id
where
    answers.option_id is not null
    or answers.number_value is not null
