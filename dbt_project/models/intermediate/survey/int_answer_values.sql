with answers as (
    select * from {{ ref('int_answers_counted') }}
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

scale_steps as (
    -- "Don't know" has no value, and whoever chose it is none of the mean's.
    select distinct
        answers.survey_id,
        answers.wave_id,
        answers.question_id,
        null::text as option_id,
        answers.response_id,
        answers.kind,
        offered.scale_value as value
    from answers
    inner join offered
        on
            answers.survey_id = offered.survey_id
            and answers.wave_id = offered.wave_id
            and answers.question_id = offered.question_id
            and answers.option_id = offered.option_id
    where
        answers.kind = 'scale'
        and offered.scale_value is not null
),

rank_places as (
    select
        survey_id,
        wave_id,
        question_id,
        option_id,
        response_id,
        kind,
        rank_position::double precision as value
    from answers
    where kind = 'rank'
),

numbers as (
    select
        survey_id,
        wave_id,
        question_id,
        null::text as option_id,
        response_id,
        kind,
        number_value as value
    from answers
    where kind = 'number'
)

select * from scale_steps
union all
select * from rank_places
union all
select * from numbers
