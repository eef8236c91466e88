-- A correction that finds nobody, or another value than it expects, is about another answer. A wave
-- without a pull has nobody to find yet; of a response that its source has deleted since there is
-- nothing left to correct; and as of an earlier date neither people nor values need to be there yet.
with corrections as (
    select * from {{ ref('stg_config__corrections') }}
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
),

payloads as (
    select * from {{ ref('stg_survey__payloads') }}
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
),

newest as (
    select
        payloads.survey_id,
        payloads.wave_id,
        payloads.response_id,
        payloads.payload
    from pulls
    inner join memberships
        on pulls.load_id = memberships.load_id
    inner join payloads
        on
            pulls.survey_id = payloads.survey_id
            and pulls.wave_id = payloads.wave_id
            and memberships.payload_no = payloads.payload_no
),

ever_seen as (
    select distinct
        survey_id,
        wave_id,
        response_id
    from versions
)

select
    corrections.survey_id,
    corrections.correction_number
from corrections
inner join current_build
    on current_build.as_of is null
inner join pulls
    on
        corrections.survey_id = pulls.survey_id
        and corrections.wave_id = pulls.wave_id
left join ever_seen
    on
        corrections.survey_id = ever_seen.survey_id
        and corrections.wave_id = ever_seen.wave_id
        and corrections.response_id = ever_seen.response_id
left join newest
    on
        corrections.survey_id = newest.survey_id
        and corrections.wave_id = newest.wave_id
        and corrections.response_id = newest.response_id
where
    ever_seen.response_id is null
    or (
        newest.response_id is not null
        and corrections.field is not null
        and coalesce(newest.payload ->> corrections.field, '') <> corrections.expected
    )
