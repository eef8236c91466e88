{{ config(materialized='table') }}

with pulls as (
    select * from {{ ref('stg_survey__pulls') }}
    where is_newest
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
    where record_type = 'record'
),

payloads as (
    select * from {{ ref('stg_survey__payloads') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

corrections as (
    select * from {{ ref('stg_config__corrections') }}
    where action = 'set'
),

newest_responses as (
    select payloads.*
    from pulls
    inner join memberships
        on pulls.load_id = memberships.load_id
    inner join payloads
        on
            pulls.survey_id = payloads.survey_id
            and pulls.wave_id = payloads.wave_id
            and memberships.payload_no = payloads.payload_no
),

-- A correction of another answer than it expects is about another answer, and a test refuses it.
applicable_corrections as (
    select
        newest_responses.survey_id,
        newest_responses.wave_id,
        newest_responses.response_id,
        jsonb_object_agg(corrections.field, corrections.value order by corrections.correction_number)
        filter (where corrections.value <> '') as set_values,
        array_agg(corrections.field) filter (where corrections.value = '') as blanked_fields
    from newest_responses
    inner join corrections
        on
            newest_responses.survey_id = corrections.survey_id
            and newest_responses.wave_id = corrections.wave_id
            and newest_responses.response_id = corrections.response_id
            and coalesce(newest_responses.payload ->> corrections.field, '') = corrections.expected
    group by
        newest_responses.survey_id,
        newest_responses.wave_id,
        newest_responses.response_id
),

corrected as (
    select
        newest_responses.survey_id,
        newest_responses.wave_id,
        newest_responses.response_id,
        newest_responses.form_version,
        newest_responses.validation_status,
        (newest_responses.payload || coalesce(applicable_corrections.set_values, '{}'))
        - coalesce(applicable_corrections.blanked_fields, '{}') as payload
    from newest_responses
    left join applicable_corrections
        on
            newest_responses.survey_id = applicable_corrections.survey_id
            and newest_responses.wave_id = applicable_corrections.wave_id
            and newest_responses.response_id = applicable_corrections.response_id
)

select
    corrected.survey_id,
    corrected.wave_id,
    corrected.response_id,
    corrected.form_version,
    corrected.validation_status,
    nullif(corrected.payload ->> waves.link_field, '') as link_id,
    coalesce(corrected.payload ->> waves.submitted_at, corrected.payload ->> '_submission_time')
        as submitted_at,
    case
        when waves.complete_field is not null
            then
                corrected.payload ? waves.complete_field
                and (
                    jsonb_array_length(waves.complete_values) = 0
                    or waves.complete_values ? (corrected.payload ->> waves.complete_field)
                )
    end as is_complete,
    corrected.payload
from corrected
inner join waves
    on
        corrected.survey_id = waves.survey_id
        and corrected.wave_id = waves.wave_id
