-- Everyone who answers a single choice chooses one option, and nobody ranks two first. Some rank
-- none first, so that a rank's shares may add to less than one. Options that are united stand beside
-- those that they unite, so that they are not added again.
with cells as (
    select * from {{ ref('int_option_cells') }}
    where
        measure = 'first_choice'
        and not is_derived
),

choices as (
    select * from {{ ref('int_choices') }}
),

bases as (
    select * from {{ ref('int_question_populations') }}
),

added as (
    select
        cells.survey_id,
        cells.wave_id,
        cells.question_id,
        count(*) as chosen_count
    from cells
    inner join choices
        on
            cells.survey_id = choices.survey_id
            and cells.wave_id = choices.wave_id
            and cells.question_id = choices.question_id
            and cells.measure = choices.measure
            and cells.option_id = choices.option_id
    group by
        cells.survey_id,
        cells.wave_id,
        cells.question_id
)

select
    bases.survey_id,
    bases.wave_id,
    bases.question_id
from bases
left join added
    on
        bases.survey_id = added.survey_id
        and bases.wave_id = added.wave_id
        and bases.question_id = added.question_id
where
    coalesce(added.chosen_count, 0) > bases.base_count
    or (bases.kind = 'single' and coalesce(added.chosen_count, 0) < bases.base_count)
