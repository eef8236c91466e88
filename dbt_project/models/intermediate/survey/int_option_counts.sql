with bases as (
    select * from {{ ref('int_question_bases') }}
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

measures as (
    select * from {{ ref('int_measures_by_kind') }}
),

answers as (
    select * from {{ ref('int_answers_counted') }}
),

listed_options as (
    select distinct
        survey_id,
        wave_id,
        question_id,
        case when kind = 'scale' then '{{ top_two_option() }}' else option_id end as option_id
    from offered
),

cells as (
    select
        bases.*,
        measures.measure,
        listed_options.option_id
    from bases
    inner join measures
        on bases.kind = measures.kind
    inner join listed_options
        on
            bases.survey_id = listed_options.survey_id
            and bases.wave_id = listed_options.wave_id
            and bases.question_id = listed_options.question_id
),

-- A respondent is counted once, whatever number of answers make the choice.
choices as (
    select distinct
        answers.survey_id,
        answers.wave_id,
        answers.question_id,
        measures.measure,
        answers.response_id,
        case when answers.kind = 'scale' then '{{ top_two_option() }}' else answers.option_id end
            as option_id
    from answers
    inner join offered
        on
            answers.survey_id = offered.survey_id
            and answers.wave_id = offered.wave_id
            and answers.question_id = offered.question_id
            and answers.option_id = offered.option_id
    inner join measures
        on answers.kind = measures.kind
    where
        case
            when measures.measure = 'scale_top2' then offered.is_in_top_two
            when measures.kind = 'rank' and measures.measure = 'first_choice'
                then answers.rank_position = 1
            when measures.measure = 'top3' then answers.rank_position <= 3
            else true
        end
),

counted_choices as (
    select
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        count(*)::integer as chosen_count
    from choices
    group by
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id
)

select
    cells.survey_id,
    cells.wave_id,
    cells.question_id,
    cells.measure,
    cells.option_id,
    cells.is_sensitive,
    cells.population_count,
    cells.base_count,
    coalesce(counted_choices.chosen_count, 0) as chosen_count
from cells
left join counted_choices
    on
        cells.survey_id = counted_choices.survey_id
        and cells.wave_id = counted_choices.wave_id
        and cells.question_id = counted_choices.question_id
        and cells.measure = counted_choices.measure
        and cells.option_id = counted_choices.option_id
