with answers as (
    select * from {{ ref('int_answers_counted') }}
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

measures as (
    select * from {{ ref('int_measures_asked') }}
),

united as (
    select * from {{ ref('int_options_united') }}
),

-- A respondent is counted once, whatever number of answers make the choice.
measured_choices as (
    select distinct
        answers.survey_id,
        answers.wave_id,
        answers.question_id,
        measures.measure,
        case when answers.kind = 'scale' then '{{ top_two_option() }}' else answers.option_id end
            as option_id,
        answers.response_id
    from answers
    inner join offered
        on
            answers.survey_id = offered.survey_id
            and answers.wave_id = offered.wave_id
            and answers.question_id = offered.question_id
            and answers.option_id = offered.option_id
    inner join measures
        on
            answers.survey_id = measures.survey_id
            and answers.wave_id = measures.wave_id
            and answers.question_id = measures.question_id
    where
        case
            when measures.measure = 'scale_top2' then offered.is_in_top_two
            when measures.kind = 'rank' and measures.measure = 'first_choice'
                then answers.rank_position = 1
            when measures.measure = 'top3' then answers.rank_position <= 3
            else true
        end
),

united_choices as (
    select distinct
        measured_choices.survey_id,
        measured_choices.wave_id,
        measured_choices.question_id,
        measured_choices.measure,
        united.united_option_id as option_id,
        measured_choices.response_id
    from measured_choices
    inner join united
        on
            measured_choices.survey_id = united.survey_id
            and measured_choices.wave_id = united.wave_id
            and measured_choices.question_id = united.question_id
            and measured_choices.option_id = united.option_id
)

select * from measured_choices
union all
select * from united_choices
