with questions as (
    select * from {{ ref('stg_config__questions') }}
),

translations as (
    select * from {{ ref('stg_config__translations') }}
    where option_id is null
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

worded as (
    select
        survey_id,
        wave_id,
        question_id,
        language,
        question_label,
        wording
    from questions
    union all
    select
        survey_id,
        wave_id,
        question_id,
        language,
        label as question_label,
        wording
    from translations
)

select
    {{ publish_id() }} as publish_id,
    worded.survey_id,
    worded.question_id,
    worded.wave_id,
    worded.language,
    worded.question_label,
    worded.wording,
    questions.kind,
    questions.part_of,
    questions.asked_of,
    nullif(questions.shown_if, '') as shown_if,
    questions.base,
    questions.is_sensitive,
    waves.data_origin
from worded
inner join questions
    on
        worded.survey_id = questions.survey_id
        and worded.wave_id = questions.wave_id
        and worded.question_id = questions.question_id
inner join waves
    on
        worded.survey_id = waves.survey_id
        and worded.wave_id = waves.wave_id
