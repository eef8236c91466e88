with compared as (
    select * from {{ ref('int_questions_compared') }}
),

options as (
    select distinct
        survey_id,
        wave_id,
        question_id,
        option_id
    from {{ ref('stg_config__options') }}
),

numbered_waves as (
    select * from {{ ref('stg_config__waves') }}
),

waves_compared as (
    select * from {{ ref('int_waves_compared') }}
),

-- A chain takes the worst of its steps.
chained as (
    select
        bases.survey_id,
        bases.question_id,
        bases.wave_id as base_wave_id,
        waves.wave_id,
        waves.kind,
        waves.base_wave_id = bases.wave_id as is_adjacent,
        waves.data_origin,
        bases.wave_number as base_wave_number,
        waves.wave_number,
        max(
            array_position(
                array['identical', 'reworded', 'options_changed', 'scale_changed', 'broken', 'unknown'],
                steps.grade
            )
        ) as worst_grade,
        max(
            array_position(array['compared', 'flagged', 'collapsed', 'not_compared'], steps.comparison)
        ) as worst_comparison
    from compared as bases
    inner join compared as waves
        on
            bases.survey_id = waves.survey_id
            and bases.question_id = waves.question_id
            and bases.wave_number < waves.wave_number
    inner join compared as steps
        on
            bases.survey_id = steps.survey_id
            and bases.question_id = steps.question_id
            and bases.wave_number < steps.wave_number
            and waves.wave_number >= steps.wave_number
    group by
        bases.survey_id,
        bases.question_id,
        bases.wave_id,
        waves.wave_id,
        waves.kind,
        waves.base_wave_id,
        waves.data_origin,
        bases.wave_number,
        waves.wave_number
),

-- What source.yml says of the invited list, in every wave on the way.
frame_steps as (
    select
        numbered_waves.survey_id,
        numbered_waves.wave_number,
        waves_compared.note
    from waves_compared
    inner join numbered_waves
        on
            waves_compared.survey_id = numbered_waves.survey_id
            and waves_compared.wave_id = numbered_waves.wave_id
    where
        waves_compared.aspect = 'frame'
        and waves_compared.grade = 'changed'
),

frame_changes as (
    select
        chained.survey_id,
        chained.question_id,
        chained.base_wave_id,
        chained.wave_id,
        string_agg(frame_steps.note, ' ' order by frame_steps.wave_number) as frame_change
    from chained
    inner join frame_steps
        on
            chained.survey_id = frame_steps.survey_id
            and chained.base_wave_number < frame_steps.wave_number
            and chained.wave_number >= frame_steps.wave_number
    group by
        chained.survey_id,
        chained.question_id,
        chained.base_wave_id,
        chained.wave_id
),

common_options as (
    select
        chained.survey_id,
        chained.question_id,
        chained.base_wave_id,
        chained.wave_id,
        count(*)::integer as common_option_count
    from chained
    inner join options as base_options
        on
            chained.survey_id = base_options.survey_id
            and chained.base_wave_id = base_options.wave_id
            and chained.question_id = base_options.question_id
    inner join options as wave_options
        on
            chained.survey_id = wave_options.survey_id
            and chained.wave_id = wave_options.wave_id
            and chained.question_id = wave_options.question_id
            and base_options.option_id = wave_options.option_id
    group by
        chained.survey_id,
        chained.question_id,
        chained.base_wave_id,
        chained.wave_id
),

judged as (
    select
        chained.survey_id,
        chained.question_id,
        chained.base_wave_id,
        chained.wave_id,
        chained.kind,
        chained.is_adjacent,
        (array['identical', 'reworded', 'options_changed', 'scale_changed', 'broken', 'unknown'])[
            chained.worst_grade
        ] as grade,
        case
            when chained.worst_comparison = 3 and common_options.common_option_count is null
                then 'not_compared'
            when chained.worst_comparison = 1 and frame_changes.frame_change is not null
                then 'flagged'
            else (array['compared', 'flagged', 'collapsed', 'not_compared'])[chained.worst_comparison]
        end as comparison,
        frame_changes.frame_change,
        chained.data_origin
    from chained
    left join frame_changes
        on
            chained.survey_id = frame_changes.survey_id
            and chained.question_id = frame_changes.question_id
            and chained.base_wave_id = frame_changes.base_wave_id
            and chained.wave_id = frame_changes.wave_id
    left join common_options
        on
            chained.survey_id = common_options.survey_id
            and chained.question_id = common_options.question_id
            and chained.base_wave_id = common_options.base_wave_id
            and chained.wave_id = common_options.wave_id
)

select * from judged
