with offered as (
    select * from {{ ref('int_options_offered') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

translations as (
    select * from {{ ref('stg_config__translations') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

labelled as (
    select
        offered.survey_id,
        offered.wave_id,
        offered.question_id,
        offered.option_id,
        questions.language,
        offered.option_label
    from offered
    inner join questions
        on
            offered.survey_id = questions.survey_id
            and offered.wave_id = questions.wave_id
            and offered.question_id = questions.question_id
    union all
    select
        survey_id,
        wave_id,
        question_id,
        option_id,
        language,
        label as option_label
    from translations
    where option_id is not null
)

select
    {{ publish_id() }} as publish_id,
    labelled.survey_id,
    labelled.question_id,
    labelled.option_id,
    labelled.wave_id,
    labelled.language,
    labelled.option_label,
    offered.option_sort,
    offered.scale_value,
    offered.is_exclusive,
    waves.data_origin
from labelled
inner join offered
    on
        labelled.survey_id = offered.survey_id
        and labelled.wave_id = offered.wave_id
        and labelled.question_id = offered.question_id
        and labelled.option_id = offered.option_id
inner join waves
    on
        labelled.survey_id = waves.survey_id
        and labelled.wave_id = waves.wave_id
