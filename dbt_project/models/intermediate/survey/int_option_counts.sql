with cells as (
    select * from {{ ref('int_option_cells') }}
    where not starts_with(option_id, '{{ united_option_prefix() }}')
),

bases as (
    select * from {{ ref('int_question_bases') }}
),

counted_choices as (
    select
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        count(*)::integer as chosen_count
    from {{ ref('int_choices') }}
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
    bases.base_count,
    coalesce(counted_choices.chosen_count, 0) as chosen_count
from cells
inner join bases
    on
        cells.survey_id = bases.survey_id
        and cells.wave_id = bases.wave_id
        and cells.question_id = bases.question_id
left join counted_choices
    on
        cells.survey_id = counted_choices.survey_id
        and cells.wave_id = counted_choices.wave_id
        and cells.question_id = counted_choices.question_id
        and cells.measure = counted_choices.measure
        and cells.option_id = counted_choices.option_id
