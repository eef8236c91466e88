-- A coding of a response that no pull ever had is about another text. A wave without a pull has none
-- yet, nor need it have any as of an earlier date; one that its source has deleted since is no error.
with codings as (
    select * from {{ ref('stg_config__codings') }}
),

current_build as (
    select * from {{ ref('stg_ops__current_build') }}
),

pulls as (
    select * from {{ ref('stg_survey__pulls') }}
    where is_newest
),

versions as (
    select * from {{ ref('int_response_versions') }}
)

select
    codings.survey_id,
    codings.wave_id,
    codings.question_id
from codings
inner join current_build
    on current_build.as_of is null
inner join pulls
    on
        codings.survey_id = pulls.survey_id
        and codings.wave_id = pulls.wave_id
where not exists (
    select 1
    from versions
    where
        versions.survey_id = codings.survey_id
        and versions.wave_id = codings.wave_id
        and versions.response_id = codings.response_id
)
