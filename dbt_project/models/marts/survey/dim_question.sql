with questions as (
    select * from {{ ref('stg_config__questions') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

newest_wordings as (
    select distinct on (questions.survey_id, questions.question_id)
        questions.*,
        waves.data_origin
    from questions
    inner join waves
        on
            questions.survey_id = waves.survey_id
            and questions.wave_id = waves.wave_id
    order by
        questions.survey_id asc,
        questions.question_id asc,
        waves.wave_number desc
),

placed as (
    select
        *,
        (row_number() over (partition by survey_id order by question_sort))::integer as sort
    from newest_wordings
)

select
    {{ publish_id() }} as publish_id,
    placed.survey_id,
    placed.question_id,
    placed.question_label,
    placed.kind,
    placed.theme,
    placed.segment_kind,
    placed.asked_of,
    placed.is_sensitive,
    placed.sort as question_sort,
    placed.data_origin
from placed
