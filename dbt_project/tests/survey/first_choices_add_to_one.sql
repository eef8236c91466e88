-- Everyone who answers a single choice chooses one option, and nobody ranks two first. Some rank
-- none first, so that a rank's shares may add to less than one.
with cells as (
    select * from {{ ref('int_option_counts') }}
    where measure = 'first_choice'
),

bases as (
    select * from {{ ref('int_question_bases') }}
),

added as (
    select
        survey_id,
        wave_id,
        question_id,
        max(base_count) as base_count,
        sum(chosen_count) as chosen_count
    from cells
    group by
        survey_id,
        wave_id,
        question_id
)

select added.*
from added
inner join bases
    on
        added.survey_id = bases.survey_id
        and added.wave_id = bases.wave_id
        and added.question_id = bases.question_id
where
    added.chosen_count > added.base_count
    or (bases.kind = 'single' and added.chosen_count < added.base_count)
