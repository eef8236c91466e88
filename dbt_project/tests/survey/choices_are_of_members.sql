-- Nobody chooses who is not in the question's base, and nothing is chosen that the wave did not offer.
with choices as (
    select * from {{ ref('int_choices') }}
),

members as (
    select * from {{ ref('int_question_members') }}
),

cells as (
    select * from {{ ref('int_option_cells') }}
)

select
    choices.survey_id,
    choices.wave_id,
    choices.question_id,
    choices.option_id
from choices
left join members
    on
        choices.survey_id = members.survey_id
        and choices.wave_id = members.wave_id
        and choices.question_id = members.question_id
        and choices.response_id = members.response_id
left join cells
    on
        choices.survey_id = cells.survey_id
        and choices.wave_id = cells.wave_id
        and choices.question_id = cells.question_id
        and choices.measure = cells.measure
        and choices.option_id = cells.option_id
where
    members.response_id is null
    or cells.option_id is null
