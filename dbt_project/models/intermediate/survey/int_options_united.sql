with offered as (
    select * from {{ ref('int_options_offered') }}
    where kind <> 'scale'
),

challenges as (
    select * from {{ ref('stg_config__challenges') }}
),

with_families as (
    select
        offered.survey_id,
        offered.wave_id,
        offered.question_id,
        offered.kind,
        offered.option_id,
        offered.option_sort,
        coalesce(challenges.parent_challenge_id, challenges.challenge_id) as challenge_id
    from offered
    inner join challenges
        on offered.challenge_id = challenges.challenge_id
),

-- A wave that offered one option of such a family is comparable with the others all the same.
families_of_several as (
    select
        survey_id,
        question_id,
        challenge_id
    from with_families
    group by
        survey_id,
        wave_id,
        question_id,
        challenge_id
    having count(*) >= 2
)

select
    with_families.*,
    '{{ united_option_prefix() }}' || with_families.challenge_id as united_option_id
from with_families
where exists (
    select 1
    from families_of_several
    where
        families_of_several.survey_id = with_families.survey_id
        and families_of_several.question_id = with_families.question_id
        and families_of_several.challenge_id = with_families.challenge_id
)
