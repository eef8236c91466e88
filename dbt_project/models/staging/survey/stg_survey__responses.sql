{{ config(materialized='table') }}

with pulls as (
    select * from {{ ref('stg_survey__pulls') }}
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
    where record_type = 'record'
),

payloads as (
    select * from {{ ref('stg_landing__payloads') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
)

select
    pulls.survey_id,
    pulls.wave_id,
    payloads.record_key as response_id,
    payloads.payload ->> '_validation_status' as validation_status,
    case
        when waves.complete_field is not null
            then
                payloads.payload ? waves.complete_field
                and (
                    jsonb_array_length(waves.complete_values) = 0
                    or waves.complete_values ? (payloads.payload ->> waves.complete_field)
                )
    end as is_complete,
    payloads.payload
from pulls
inner join memberships
    on pulls.load_id = memberships.load_id
inner join payloads
    on
        memberships.source_id = payloads.source_id
        and memberships.payload_no = payloads.payload_no
inner join waves
    on
        pulls.survey_id = waves.survey_id
        and pulls.wave_id = waves.wave_id
