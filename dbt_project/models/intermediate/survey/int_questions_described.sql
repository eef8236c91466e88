with questions as (
    select * from {{ ref('stg_config__questions') }}
),

options as (
    select * from {{ ref('int_options_offered') }}
    where scale_value is not null
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
)

select
    questions.survey_id,
    questions.wave_id,
    questions.question_id,
    questions.kind,
    questions.is_sensitive,
    questions.base,
    questions.crossed_with,
    case
        when questions.layout = 'column_per_rank'
            then cardinality(string_to_array(questions.field, '|'))
    end as place_count,
    collected_steps.steps
from questions
left join collected_steps
    on
        questions.survey_id = collected_steps.survey_id
        and questions.wave_id = collected_steps.wave_id
        and questions.question_id = collected_steps.question_id
