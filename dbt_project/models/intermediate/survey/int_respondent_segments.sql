with answers as (
    select * from {{ ref('int_answers_counted') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
    where segment_kind is not null and kind in ('single', 'scale') and not is_sensitive
)

select
    answers.survey_id,
    answers.wave_id,
    questions.segment_kind,
    answers.option_id as segment_value,
    answers.response_id
from answers
inner join questions
    on
        answers.survey_id = questions.survey_id
        and answers.wave_id = questions.wave_id
        and answers.question_id = questions.question_id
