with waves as (
    select * from {{ ref('int_waves_described') }}
    where
        wave_status = 'closed'
        and response_count is not null
),

asked_measures as (
    select * from {{ ref('int_measures_asked') }}
),

option_cells as (
    select * from {{ ref('int_option_cells') }}
),

released as (
    select * from {{ source('figures', 'released_shares') }}
    where segment_kind = 'all'
),

-- Every option that any wave of the survey offered under the measure.
ever_offered as (
    select distinct
        survey_id,
        question_id,
        measure,
        option_id
    from option_cells
)

select
    waves.survey_id,
    waves.wave_id,
    ever_offered.question_id,
    ever_offered.measure,
    ever_offered.option_id,
    'all'::text as segment_kind,
    'all'::text as segment_value,
    case
        when asked_measures.measure is null then 'not_asked'
        when released.option_id is null then 'not_offered'
        else released.cell_status
    end as cell_status
from waves
inner join ever_offered
    on waves.survey_id = ever_offered.survey_id
left join asked_measures
    on
        waves.survey_id = asked_measures.survey_id
        and waves.wave_id = asked_measures.wave_id
        and ever_offered.question_id = asked_measures.question_id
        and ever_offered.measure = asked_measures.measure
left join released
    on
        waves.survey_id = released.survey_id
        and waves.wave_id = released.wave_id
        and ever_offered.question_id = released.question_id
        and ever_offered.measure = released.measure
        and ever_offered.option_id = released.option_id
