with waves as (
    select * from {{ ref('int_waves_described') }}
    where
        wave_status = 'closed'
        and response_count is not null
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

measures as (
    select * from {{ ref('int_measures_by_kind') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

screened as (
    select * from {{ ref('int_cells_screened') }}
),

asked_measures as (
    select
        questions.survey_id,
        questions.wave_id,
        questions.question_id,
        measures.measure
    from questions
    inner join measures
        on questions.kind = measures.kind
),

-- Every option that any wave of the survey offered under the measure.
ever_offered as (
    select distinct
        offered.survey_id,
        offered.question_id,
        measures.measure,
        measures.measure_label,
        measures.measure_sort,
        case when offered.kind = 'scale' then '{{ top_two_option() }}' else offered.option_id end
            as option_id
    from offered
    inner join measures
        on offered.kind = measures.kind
)

select
    waves.survey_id,
    waves.wave_id,
    ever_offered.question_id,
    ever_offered.measure,
    ever_offered.measure_label,
    ever_offered.measure_sort,
    ever_offered.option_id,
    case
        when asked_measures.measure is null then 'not_asked'
        when screened.option_id is null then 'not_offered'
        else screened.cell_status
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
left join screened
    on
        waves.survey_id = screened.survey_id
        and waves.wave_id = screened.wave_id
        and ever_offered.question_id = screened.question_id
        and ever_offered.measure = screened.measure
        and ever_offered.option_id = screened.option_id
