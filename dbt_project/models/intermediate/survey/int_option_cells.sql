with questions as (
    select * from {{ ref('int_question_populations') }}
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

united as (
    select * from {{ ref('int_options_united') }}
),

measures as (
    select * from {{ ref('int_measures_asked') }}
),

listed_options as (
    select
        survey_id,
        wave_id,
        question_id,
        option_id,
        false as is_derived,
        option_sort
    from offered
    where kind <> 'scale'
    union all
    select distinct
        survey_id,
        wave_id,
        question_id,
        '{{ top_two_option() }}' as option_id,
        true as is_derived,
        0 as option_sort
    from offered
    where kind = 'scale'
    union all
    select
        survey_id,
        wave_id,
        question_id,
        united_option_id as option_id,
        true as is_derived,
        min(option_sort) as option_sort
    from united
    group by
        survey_id,
        wave_id,
        question_id,
        united_option_id
)

select
    questions.survey_id,
    questions.wave_id,
    questions.question_id,
    measures.measure,
    listed_options.option_id,
    questions.kind,
    listed_options.is_derived,
    questions.is_sensitive,
    listed_options.option_sort,
    questions.population_count
from questions
inner join measures
    on
        questions.survey_id = measures.survey_id
        and questions.wave_id = measures.wave_id
        and questions.question_id = measures.question_id
inner join listed_options
    on
        questions.survey_id = listed_options.survey_id
        and questions.wave_id = listed_options.wave_id
        and questions.question_id = listed_options.question_id
