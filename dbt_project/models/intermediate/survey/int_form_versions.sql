with pulls as (
    select * from {{ ref('stg_survey__pulls') }}
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
    where record_type = 'form'
),

payloads as (
    select * from {{ ref('stg_landing__payloads') }}
),

responses as (
    select * from {{ ref('int_responses_screened') }}
    where left_out_reason is distinct from 'deleted'
),

delivered as (
    select
        pulls.survey_id,
        pulls.wave_id,
        payloads.record_key as form_version,
        max(payloads.payload ->> 'date_deployed') as deployed_at,
        min(pulls.as_of) as first_seen_on,
        bool_or(pulls.is_newest) as is_delivered
    from pulls
    inner join memberships
        on pulls.load_id = memberships.load_id
    inner join payloads
        on
            memberships.source_id = payloads.source_id
            and memberships.payload_no = payloads.payload_no
    group by
        pulls.survey_id,
        pulls.wave_id,
        payloads.record_key
),

named as (
    select
        survey_id,
        wave_id,
        form_version,
        count(*)::integer as response_count
    from responses
    where form_version is not null
    group by
        survey_id,
        wave_id,
        form_version
)

select
    coalesce(delivered.survey_id, named.survey_id) as survey_id,
    coalesce(delivered.wave_id, named.wave_id) as wave_id,
    coalesce(delivered.form_version, named.form_version) as form_version,
    delivered.deployed_at,
    delivered.first_seen_on,
    coalesce(delivered.is_delivered, false) as is_delivered,
    coalesce(named.response_count, 0) as response_count
from delivered
full outer join named
    on
        delivered.survey_id = named.survey_id
        and delivered.wave_id = named.wave_id
        and delivered.form_version = named.form_version
