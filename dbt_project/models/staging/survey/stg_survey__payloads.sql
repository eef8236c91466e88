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

questions as (
    select * from {{ ref('stg_config__questions') }}
),

options as (
    select * from {{ ref('stg_config__options') }}
),

mapped_fields as (
    select
        questions.survey_id,
        questions.wave_id,
        trim(part.field) as field
    from questions
    cross join
        lateral regexp_split_to_table(
            questions.field, {{ field_separator('questions') }}
        ) as part (field)
    where questions.field <> ''
    union
    select
        options.survey_id,
        options.wave_id,
        options.field
    from options
    where options.field <> ''
),

waves_fields as (
    select
        survey_id,
        wave_id,
        array_agg(field) as fields
    from mapped_fields
    group by
        survey_id,
        wave_id
),

found_in_waves as (
    select distinct
        pulls.survey_id,
        pulls.wave_id,
        memberships.payload_no
    from pulls
    inner join memberships
        on pulls.load_id = memberships.load_id
),

read_answers as (
    select
        found_in_waves.survey_id,
        found_in_waves.wave_id,
        found_in_waves.payload_no,
        payloads.record_key as response_id,
        payloads.payload ->> '__version__' as form_version,
        payloads.payload ->> '_uuid' as saving_id,
        nullif(payloads.payload ->> '_validation_status', '') as validation_status,
        answers.answers,
        payloads.payload
    from found_in_waves
    inner join payloads
        on
            found_in_waves.survey_id = payloads.source_id
            and found_in_waves.payload_no = payloads.payload_no
    left join waves_fields
        on
            found_in_waves.survey_id = waves_fields.survey_id
            and found_in_waves.wave_id = waves_fields.wave_id
    cross join lateral (
        select coalesce(jsonb_object_agg(answer.field, answer.content), '{}') as answers
        from jsonb_each(payloads.payload) as answer (field, content)
        where answer.field = any(waves_fields.fields)
    ) as answers
)

select
    *,
    md5(answers::text) as answers_hash
from read_answers
