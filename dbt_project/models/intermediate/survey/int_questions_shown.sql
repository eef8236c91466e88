with responses as (
    select * from {{ ref('int_responses_counted') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

conditions as (
    select * from {{ ref('stg_config__conditions') }}
),

answers as (
    select * from {{ ref('stg_survey__answers') }}
),

counted_conditions as (
    select
        survey_id,
        wave_id,
        question_id,
        count(distinct condition_number) as condition_count
    from conditions
    group by
        survey_id,
        wave_id,
        question_id
),

met_conditions as (
    select
        conditions.survey_id,
        conditions.wave_id,
        conditions.question_id,
        answers.response_id,
        count(distinct conditions.condition_number) as condition_count
    from conditions
    inner join answers
        on
            conditions.survey_id = answers.survey_id
            and conditions.wave_id = answers.wave_id
            and conditions.if_question_id = answers.question_id
            and conditions.if_option_id = answers.option_id
    group by
        conditions.survey_id,
        conditions.wave_id,
        conditions.question_id,
        answers.response_id
),

-- How far each respondent got: the last question with an answer.
reached as (
    select
        answers.survey_id,
        answers.wave_id,
        answers.response_id,
        max(questions.question_sort) as question_sort
    from answers
    inner join questions
        on
            answers.survey_id = questions.survey_id
            and answers.wave_id = questions.wave_id
            and answers.question_id = questions.question_id
    group by
        answers.survey_id,
        answers.wave_id,
        answers.response_id
)

select
    questions.survey_id,
    questions.wave_id,
    questions.question_id,
    responses.response_id
from responses
inner join questions
    on
        responses.survey_id = questions.survey_id
        and responses.wave_id = questions.wave_id
inner join waves
    on
        responses.survey_id = waves.survey_id
        and responses.wave_id = waves.wave_id
left join counted_conditions
    on
        questions.survey_id = counted_conditions.survey_id
        and questions.wave_id = counted_conditions.wave_id
        and questions.question_id = counted_conditions.question_id
left join met_conditions
    on
        questions.survey_id = met_conditions.survey_id
        and questions.wave_id = met_conditions.wave_id
        and questions.question_id = met_conditions.question_id
        and responses.response_id = met_conditions.response_id
left join reached
    on
        responses.survey_id = reached.survey_id
        and responses.wave_id = reached.wave_id
        and responses.response_id = reached.response_id
where
    coalesce(met_conditions.condition_count, 0) = coalesce(counted_conditions.condition_count, 0)
    and (
        waves.submissions_are_whole
        or responses.is_complete
        or questions.question_sort <= reached.question_sort
    )
