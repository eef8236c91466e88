with questions as (
    select * from {{ ref('stg_config__questions') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
)

select
    {{ publish_id() }} as publish_id,
    questions.survey_id,
    questions.question_id,
    questions.wave_id,
    questions.language,
    questions.question_label,
    questions.wording,
    questions.kind,
    questions.asked_of,
    questions.is_sensitive,
    waves.data_origin
from questions
inner join waves
    on
        questions.survey_id = waves.survey_id
        and questions.wave_id = waves.wave_id
