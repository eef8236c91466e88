with summaries as (
    select * from {{ source('figures', 'released_summaries') }}
),

waves as (
    select * from {{ ref('dim_wave') }}
),

questions as (
    select * from {{ ref('dim_question') }}
),

options as (
    select * from {{ ref('dim_option') }}
),

comparisons as (
    select * from {{ ref('int_questions_compared') }}
)

select
    {{ publish_id() }} as publish_id,
    summaries.survey_id,
    summaries.wave_id,
    waves.wave_label,
    waves.wave_number,
    summaries.question_id,
    questions.question_label,
    questions.kind,
    questions.theme as question_theme,
    questions.question_sort,
    summaries.option_id,
    options.option_label,
    summaries.statistic,
    summaries.answered_count,
    summaries.step_count,
    summaries.value,
    summaries.ci_low,
    summaries.ci_high,
    summaries.rule,
    coalesce(comparisons.is_series_break, false) as is_series_break,
    comparisons.comparable_run,
    comparisons.grade as comparability_grade,
    waves.data_origin
from summaries
inner join waves
    on
        summaries.survey_id = waves.survey_id
        and summaries.wave_id = waves.wave_id
inner join questions
    on
        summaries.survey_id = questions.survey_id
        and summaries.question_id = questions.question_id
left join options
    on
        summaries.survey_id = options.survey_id
        and summaries.question_id = options.question_id
        and summaries.option_id = options.option_id
left join comparisons
    on
        summaries.survey_id = comparisons.survey_id
        and summaries.wave_id = comparisons.wave_id
        and summaries.question_id = comparisons.question_id
