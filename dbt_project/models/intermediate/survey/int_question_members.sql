with shown as (
    select * from {{ ref('int_questions_shown') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
    where kind <> 'text'
),

answered as (
    select distinct
        survey_id,
        wave_id,
        question_id,
        response_id
    from {{ ref('int_answers_counted') }}
),

uncoded_texts as (
    select * from {{ ref('stg_survey__texts_uncoded') }}
)

select
    shown.survey_id,
    shown.wave_id,
    shown.question_id,
    questions.kind,
    shown.response_id
from shown
inner join questions
    on
        shown.survey_id = questions.survey_id
        and shown.wave_id = questions.wave_id
        and shown.question_id = questions.question_id
left join answered
    on
        shown.survey_id = answered.survey_id
        and shown.wave_id = answered.wave_id
        and shown.question_id = answered.question_id
        and shown.response_id = answered.response_id
left join uncoded_texts
    on
        shown.survey_id = uncoded_texts.survey_id
        and shown.wave_id = uncoded_texts.wave_id
        and shown.question_id = uncoded_texts.question_id
        and shown.response_id = uncoded_texts.response_id
where
    uncoded_texts.response_id is null
    and (questions.base = 'shown' or answered.response_id is not null)
