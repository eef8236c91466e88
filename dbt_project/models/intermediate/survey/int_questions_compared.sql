with questions as (
    select * from {{ ref('stg_config__questions') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

preceded as (
    select
        questions.survey_id,
        questions.question_id,
        questions.wave_id,
        waves.wave_number,
        questions.kind,
        questions.place_count,
        questions.comparability,
        questions.comparability_note,
        waves.data_origin,
        lag(questions.wave_id) over asked_before as base_wave_id,
        lag(questions.kind) over asked_before as base_kind,
        lag(questions.place_count) over asked_before as base_place_count,
        lag(waves.data_origin) over asked_before as base_origin
    from questions
    inner join waves
        on
            questions.survey_id = waves.survey_id
            and questions.wave_id = waves.wave_id
    window asked_before as (
        partition by questions.survey_id, questions.question_id
        order by waves.wave_number
    )
),

graded as (
    select
        *,
        case when base_wave_id is not null then coalesce(comparability, 'unknown') end as grade,
        base_wave_id is not null and coalesce(place_count, 0) <> coalesce(base_place_count, 0)
            as has_other_places
    from preceded
),

-- Shares of a single choice or a rank depend on which other options stood beside: they are compared
-- once both waves are collapsed to the options that both offered.
judged as (
    select
        *,
        case
            when base_wave_id is null then null
            when kind <> base_kind or data_origin <> base_origin or has_other_places then 'not_compared'
            when grade = 'identical' then 'compared'
            when grade = 'reworded' then 'flagged'
            when grade = 'options_changed' and kind = 'multiple' then 'flagged'
            when grade = 'options_changed' and kind in ('single', 'rank') then 'collapsed'
            else 'not_compared'
        end as comparison
    from graded
),

broken as (
    select
        *,
        coalesce(comparison in ('collapsed', 'not_compared'), false) as is_series_break
    from judged
),

numbered as (
    select
        *,
        (
            1 + count(*) filter (where is_series_break) over (
                partition by survey_id, question_id
                order by wave_number
            )
        )::integer as comparable_run
    from broken
),

chained as (
    select
        *,
        first_value(wave_id) over run as run_base_wave_id,
        max(
            case
                when is_series_break or base_wave_id is null then 0
                else array_position(array['identical', 'reworded', 'options_changed'], grade)
            end
        ) over run as worst_step
    from numbered
    window run as (
        partition by survey_id, question_id, comparable_run
        order by wave_number
    )
)

select
    survey_id,
    question_id,
    wave_id,
    wave_number,
    kind,
    base_wave_id,
    grade,
    comparison,
    nullif(
        concat_ws(
            ' ',
            nullif(comparability_note, ''),
            case
                when data_origin <> base_origin then 'Synthetic and collected answers are not compared.'
            end,
            case
                when has_other_places then 'Ranks of different numbers of places are not compared.'
            end
        ),
        ''
    ) as note,
    is_series_break,
    comparable_run,
    run_base_wave_id,
    (array['identical', 'reworded', 'options_changed'])[nullif(worst_step, 0)] as run_grade,
    data_origin
from chained
