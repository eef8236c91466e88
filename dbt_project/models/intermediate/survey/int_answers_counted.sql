with answers as (
    select * from {{ ref('stg_survey__answers') }}
),

responses as (
    select * from {{ ref('int_responses_screened') }}
    where left_out_reason is null
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

roles as (
    select distinct
        answers.survey_id,
        answers.wave_id,
        answers.response_id,
        answers.option_id as role
    from answers
    inner join questions
        on
            answers.survey_id = questions.survey_id
            and answers.wave_id = questions.wave_id
            and answers.question_id = questions.question_id
    where questions.segment_kind = 'role'
)

select
    answers.survey_id,
    answers.wave_id,
    answers.response_id,
    answers.question_id,
    answers.kind,
    answers.option_id,
    answers.rank_position
from answers
inner join responses
    on
        answers.survey_id = responses.survey_id
        and answers.wave_id = responses.wave_id
        and answers.response_id = responses.response_id
inner join questions
    on
        answers.survey_id = questions.survey_id
        and answers.wave_id = questions.wave_id
        and answers.question_id = questions.question_id
left join roles
    on
        answers.survey_id = roles.survey_id
        and answers.wave_id = roles.wave_id
        and answers.response_id = roles.response_id
        and questions.asked_of = roles.role
where
    answers.option_id is not null
    and (questions.asked_of = 'all' or roles.role is not null)
