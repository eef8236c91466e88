with questions as (
    select * from {{ ref('stg_config__questions') }}
),

options as (
    select * from {{ ref('int_options_offered') }}
    where scale_value is not null
),

conditions as (
    select * from {{ ref('stg_config__conditions') }}
),

collected_steps as (
    select
        survey_id,
        wave_id,
        question_id,
        array_agg(distinct scale_value) as steps
    from options
    group by
        survey_id,
        wave_id,
        question_id
),

collected_conditions as (
    select
        survey_id,
        wave_id,
        question_id,
        jsonb_agg(distinct jsonb_build_array(if_question_id, if_option_id)) as conditions
    from conditions
    group by
        survey_id,
        wave_id,
        question_id
)

select
    questions.survey_id,
    questions.wave_id,
    questions.question_id,
    questions.kind,
    questions.is_sensitive,
    questions.base,
    questions.crossed_with,
    questions.place_count,
    collected_steps.steps,
    coalesce(collected_conditions.conditions, '[]') as conditions
from questions
left join collected_steps
    on
        questions.survey_id = collected_steps.survey_id
        and questions.wave_id = collected_steps.wave_id
        and questions.question_id = collected_steps.question_id
left join collected_conditions
    on
        questions.survey_id = collected_conditions.survey_id
        and questions.wave_id = collected_conditions.wave_id
        and questions.question_id = collected_conditions.question_id
