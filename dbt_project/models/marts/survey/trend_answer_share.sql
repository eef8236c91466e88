with cells as (
    select * from {{ ref('int_cells_densified') }}
),

shares as (
    select * from {{ ref('int_shares_estimated') }}
),

surveys as (
    select * from {{ ref('dim_survey') }}
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

steps as (
    select * from {{ ref('int_top_two_steps') }}
),

comparisons as (
    select * from {{ ref('int_questions_compared') }}
)

select
    {{ publish_id() }} as publish_id,
    cells.survey_id,
    surveys.survey_title,
    cells.wave_id,
    waves.wave_number,
    waves.wave_label,
    waves.opened_on as wave_opened_on,
    waves.closed_on as wave_closed_on,
    cells.question_id,
    questions.question_label,
    questions.theme as question_theme,
    questions.asked_of,
    questions.question_sort,
    cells.measure,
    cells.measure_label,
    cells.measure_sort,
    cells.option_id,
    coalesce(steps.steps_label, options.option_label) as option_label,
    options.option_sort,
    options.challenge_id,
    options.challenge_label,
    options.parent_challenge_id,
    options.challenge_sort,
    coalesce(options.theme, questions.theme) as theme,
    {{ theme_label('coalesce(options.theme, questions.theme)') }} as theme_label,
    waves.frame_count,
    waves.response_rate,
    shares.base_count,
    shares.chosen_count,
    shares.share,
    shares.ci_low,
    shares.ci_high,
    case when shares.share is not null then 0.95::double precision end as ci_level,
    shares.ci_method,
    shares.interval_assumption,
    shares.bound_low,
    shares.bound_high,
    null::double precision as weighted_share,
    null::double precision as weighted_ci_low,
    null::double precision as weighted_ci_high,
    null::double precision as n_eff,
    shares.rank_in_question,
    null::integer as rank_low,
    null::integer as rank_high,
    case
        when shares.share is not null
            then {{ share_text('shares.share', 'shares.ci_low', 'shares.ci_high') }}
    end as share_text,
    cells.cell_status,
    null::text as share_band,
    shares.is_low_reliability,
    coalesce(comparisons.is_series_break, false) as is_series_break,
    comparisons.comparable_run,
    comparisons.grade as comparability_grade,
    waves.data_origin
from cells
inner join surveys
    on cells.survey_id = surveys.survey_id
inner join waves
    on
        cells.survey_id = waves.survey_id
        and cells.wave_id = waves.wave_id
inner join questions
    on
        cells.survey_id = questions.survey_id
        and cells.question_id = questions.question_id
inner join options
    on
        cells.survey_id = options.survey_id
        and cells.question_id = options.question_id
        and cells.option_id = options.option_id
left join steps
    on
        options.is_derived
        and cells.survey_id = steps.survey_id
        and cells.wave_id = steps.wave_id
        and cells.question_id = steps.question_id
left join shares
    on
        cells.survey_id = shares.survey_id
        and cells.wave_id = shares.wave_id
        and cells.question_id = shares.question_id
        and cells.measure = shares.measure
        and cells.option_id = shares.option_id
left join comparisons
    on
        cells.survey_id = comparisons.survey_id
        and cells.wave_id = comparisons.wave_id
        and cells.question_id = comparisons.question_id
