with changes as (
    select * from {{ source('figures', 'released_changes') }}
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

measures as (
    select distinct
        measure,
        measure_label,
        measure_sort
    from {{ ref('int_measures_by_kind') }}
),

pairs as (
    select * from {{ ref('int_question_pairs') }}
),

-- Of some scales the steps that count together differ from wave to wave.
steps as (
    select * from {{ ref('int_top_two_steps') }}
)

select
    {{ publish_id() }} as publish_id,
    changes.survey_id,
    changes.wave_id,
    waves.wave_label,
    waves.wave_number,
    changes.base_wave_id,
    base_waves.wave_label as base_wave_label,
    changes.question_id,
    questions.question_label,
    questions.theme as question_theme,
    questions.question_sort,
    changes.measure,
    measures.measure_label,
    measures.measure_sort,
    changes.option_id,
    coalesce(steps.steps_label, options.option_label) as option_label,
    options.option_sort,
    options.is_derived,
    options.challenge_id,
    coalesce(options.theme, questions.theme) as theme,
    changes.compared,
    changes.comparison,
    changes.is_adjacent,
    changes.change_points,
    changes.change_ci_low,
    changes.change_ci_high,
    changes.p_value,
    changes.q_value,
    changes.family_size,
    changes.overlap_count,
    changes.change_method,
    changes.change_assumption,
    changes.detectable_points,
    changes.change_status,
    pairs.grade as comparability_grade,
    waves.data_origin
from changes
inner join waves
    on
        changes.survey_id = waves.survey_id
        and changes.wave_id = waves.wave_id
inner join waves as base_waves
    on
        changes.survey_id = base_waves.survey_id
        and changes.base_wave_id = base_waves.wave_id
inner join questions
    on
        changes.survey_id = questions.survey_id
        and changes.question_id = questions.question_id
inner join options
    on
        changes.survey_id = options.survey_id
        and changes.question_id = options.question_id
        and changes.option_id = options.option_id
inner join measures
    on changes.measure = measures.measure
left join pairs
    on
        changes.survey_id = pairs.survey_id
        and changes.wave_id = pairs.wave_id
        and changes.base_wave_id = pairs.base_wave_id
        and changes.question_id = pairs.question_id
left join steps
    on
        changes.option_id = '{{ top_two_option() }}'
        and changes.survey_id = steps.survey_id
        and changes.wave_id = steps.wave_id
        and changes.question_id = steps.question_id
