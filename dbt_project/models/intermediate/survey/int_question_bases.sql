with questions as (
    select * from {{ ref('stg_config__questions') }}
),

waves as (
    select * from {{ ref('int_waves_described') }}
    where response_count is not null
),

answers as (
    select * from {{ ref('int_answers_counted') }}
),

counted as (
    select
        survey_id,
        wave_id,
        question_id,
        count(distinct response_id)::integer as base_count
    from answers
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
    case when questions.asked_of = 'all' then waves.frame_count end as population_count,
    coalesce(counted.base_count, 0) as base_count
from questions
inner join waves
    on
        questions.survey_id = waves.survey_id
        and questions.wave_id = waves.wave_id
left join counted
    on
        questions.survey_id = counted.survey_id
        and questions.wave_id = counted.wave_id
        and questions.question_id = counted.question_id
