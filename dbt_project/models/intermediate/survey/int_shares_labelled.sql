with dense_cells as (
    select * from {{ ref('int_cells_densified') }}
),

released as (
    select * from {{ source('figures', 'released_shares') }}
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

segments as (
    select * from {{ ref('dim_segment') }}
),

steps as (
    select * from {{ ref('int_top_two_steps') }}
),

measures as (
    select distinct
        measure,
        measure_label,
        measure_sort
    from {{ ref('int_measures_by_kind') }}
),

comparisons as (
    select * from {{ ref('int_questions_compared') }}
),

cells as (
    select * from dense_cells
    union all
    select
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        segment_value,
        cell_status
    from released
    where segment_kind <> 'all'
),

-- A rank among the shown options alone would be that of another option where one is not shown, or
-- where some stand together.
ranked as (
    select
        survey_id,
        wave_id,
        question_id,
        measure,
        segment_kind,
        segment_value
    from released
    group by
        survey_id,
        wave_id,
        question_id,
        measure,
        segment_kind,
        segment_value
    having bool_and(cell_status = 'published' and option_id <> 'all_other')
)

select
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
    measures.measure_label,
    measures.measure_sort,
    cells.option_id,
    coalesce(steps.steps_label, options.option_label) as option_label,
    options.option_sort,
    options.is_derived,
    options.challenge_id,
    options.challenge_label,
    options.parent_challenge_id,
    options.challenge_sort,
    coalesce(options.theme, questions.theme) as theme,
    {{ theme_label('coalesce(options.theme, questions.theme)') }} as theme_label,
    waves.frame_count,
    waves.response_rate,
    case when cells.cell_status in ('published', 'banded') then released.base_count end as base_count,
    shares.chosen_count,
    shares.share,
    shares.ci_low,
    shares.ci_high,
    case when shares.share is not null then 0.95::double precision end as ci_level,
    shares.ci_method,
    shares.interval_assumption,
    shares.bound_low,
    shares.bound_high,
    case when shares.share is not null then released.weighted_share end as weighted_share,
    case when shares.share is not null then released.weighted_ci_low end as weighted_ci_low,
    case when shares.share is not null then released.weighted_ci_high end as weighted_ci_high,
    case when shares.share is not null then released.n_eff end as n_eff,
    case
        when shares.share is not null and not options.is_derived and ranked.survey_id is not null
            then
                (
                    rank() over (
                        partition by
                            cells.survey_id,
                            cells.wave_id,
                            cells.question_id,
                            cells.measure,
                            cells.segment_kind,
                            cells.segment_value,
                            options.is_derived
                        order by shares.share desc nulls last
                    )
                )::integer
    end as rank_in_question,
    case when shares.share is not null then released.rank_low end as rank_low,
    case when shares.share is not null then released.rank_high end as rank_high,
    case
        when shares.share is not null
            then {{ share_text('shares.share', 'shares.ci_low', 'shares.ci_high') }}
    end as share_text,
    cells.cell_status,
    released.share_band,
    shares.is_low_reliability,
    shares.exceeds_half,
    coalesce(comparisons.is_series_break, false) as is_series_break,
    comparisons.comparable_run,
    comparisons.grade as comparability_grade,
    waves.data_origin,
    cells.segment_kind,
    cells.segment_value,
    segments.segment_label,
    segments.segment_sort,
    released.segment_p_value
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
inner join measures
    on cells.measure = measures.measure
inner join segments
    on
        cells.segment_kind = segments.segment_kind
        and cells.segment_value = segments.segment_value
left join released
    on
        cells.survey_id = released.survey_id
        and cells.wave_id = released.wave_id
        and cells.question_id = released.question_id
        and cells.measure = released.measure
        and cells.option_id = released.option_id
        and cells.segment_kind = released.segment_kind
        and cells.segment_value = released.segment_value
left join shares
    on
        cells.survey_id = shares.survey_id
        and cells.wave_id = shares.wave_id
        and cells.question_id = shares.question_id
        and cells.measure = shares.measure
        and cells.option_id = shares.option_id
        and cells.segment_kind = shares.segment_kind
        and cells.segment_value = shares.segment_value
left join ranked
    on
        cells.survey_id = ranked.survey_id
        and cells.wave_id = ranked.wave_id
        and cells.question_id = ranked.question_id
        and cells.measure = ranked.measure
        and cells.segment_kind = ranked.segment_kind
        and cells.segment_value = ranked.segment_value
left join steps
    on
        options.option_id = '{{ top_two_option() }}'
        and cells.survey_id = steps.survey_id
        and cells.wave_id = steps.wave_id
        and cells.question_id = steps.question_id
left join comparisons
    on
        cells.survey_id = comparisons.survey_id
        and cells.wave_id = comparisons.wave_id
        and cells.question_id = comparisons.question_id
