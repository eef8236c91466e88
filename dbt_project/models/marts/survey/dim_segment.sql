with questions as (
    select * from {{ ref('stg_config__questions') }}
    where segment_kind is not null
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

newest_labels as (
    select distinct on (questions.segment_kind, offered.option_id)
        questions.segment_kind,
        offered.option_id as segment_value,
        offered.option_label as segment_label,
        offered.option_sort as segment_sort
    from questions
    inner join offered
        on
            questions.survey_id = offered.survey_id
            and questions.wave_id = offered.wave_id
            and questions.question_id = offered.question_id
    inner join waves
        on
            questions.survey_id = waves.survey_id
            and questions.wave_id = waves.wave_id
    order by
        questions.segment_kind asc,
        offered.option_id asc,
        waves.opened_on desc,
        questions.survey_id asc
),

segments as (
    select
        'all' as segment_kind,
        'all' as segment_value,
        'All respondents' as segment_label,
        0 as segment_sort
    union all
    select * from newest_labels
)

select
    {{ publish_id() }} as publish_id,
    segments.segment_kind,
    segments.segment_value,
    segments.segment_label,
    segments.segment_sort
from segments
