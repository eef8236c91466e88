with questions as (
    select * from {{ ref('stg_config__questions') }}
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

measures as (
    select * from {{ ref('int_measures_by_kind') }}
),

options_counted as (
    select
        survey_id,
        wave_id,
        question_id,
        count(*) as option_count
    from offered
    group by
        survey_id,
        wave_id,
        question_id
)

-- Nobody was asked for their first three where there are fewer places, or options, than that.
select
    questions.survey_id,
    questions.wave_id,
    questions.question_id,
    questions.kind,
    measures.measure
from questions
inner join measures
    on questions.kind = measures.kind
left join options_counted
    on
        questions.survey_id = options_counted.survey_id
        and questions.wave_id = options_counted.wave_id
        and questions.question_id = options_counted.question_id
where
    measures.measure <> 'top3'
    or coalesce(questions.place_count, options_counted.option_count) >= 3
