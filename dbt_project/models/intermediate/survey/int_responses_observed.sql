with pulls as (
    select * from {{ ref('stg_survey__pulls') }}
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
    where record_type = 'record'
),

payloads as (
    select * from {{ ref('stg_survey__payloads') }}
),

observed as (
    select
        pulls.survey_id,
        pulls.wave_id,
        payloads.response_id,
        pulls.pull_number,
        pulls.load_id,
        pulls.as_of,
        pulls.landed_fields,
        payloads.payload_no,
        payloads.answers_hash,
        payloads.form_version,
        payloads.saving_id,
        payloads.validation_status
    from pulls
    inner join memberships
        on pulls.load_id = memberships.load_id
    inner join payloads
        on
            pulls.survey_id = payloads.survey_id
            and pulls.wave_id = payloads.wave_id
            and memberships.payload_no = payloads.payload_no
),

held_against_before as (
    select
        *,
        lag(pull_number) over of_a_response as previous_pull_number,
        lag(payload_no) over of_a_response as previous_payload_no,
        lag(answers_hash) over of_a_response as previous_answers_hash,
        lag(landed_fields) over of_a_response as previous_landed_fields,
        lag(saving_id) over of_a_response as previous_saving_id,
        lag(validation_status) over of_a_response as previous_validation_status
    from observed
    window of_a_response as (
        partition by survey_id, wave_id, response_id
        order by pull_number
    )
),

-- A field that only one of two pulls let land says nothing about an edit between them.
found_edits as (
    select
        changed.survey_id,
        changed.wave_id,
        changed.response_id,
        changed.pull_number
    from held_against_before as changed
    inner join payloads
        on
            changed.survey_id = payloads.survey_id
            and changed.wave_id = payloads.wave_id
            and changed.payload_no = payloads.payload_no
    inner join payloads as previous
        on
            changed.survey_id = previous.survey_id
            and changed.wave_id = previous.wave_id
            and changed.previous_payload_no = previous.payload_no
    where
        changed.answers_hash <> changed.previous_answers_hash
        and exists (
            select 1
            from jsonb_object_keys(payloads.answers || previous.answers) as answer (field)
            where
                payloads.answers -> answer.field is distinct from previous.answers -> answer.field
                and coalesce(answer.field = any(changed.landed_fields), true)
                and coalesce(answer.field = any(changed.previous_landed_fields), true)
        )
)

select
    seen.survey_id,
    seen.wave_id,
    seen.response_id,
    seen.pull_number,
    seen.load_id,
    seen.as_of,
    seen.payload_no,
    seen.answers_hash,
    seen.form_version,
    seen.previous_pull_number is null as is_first,
    coalesce(seen.previous_pull_number < seen.pull_number - 1, false) as is_restored,
    found_edits.pull_number is not null as is_edited,
    (
        seen.previous_pull_number is not null
        and found_edits.pull_number is null
        and (seen.saving_id is distinct from seen.previous_saving_id)
    ) as is_saved_again,
    (
        seen.previous_pull_number is not null
        and (seen.validation_status is distinct from seen.previous_validation_status)
    ) as is_reviewed
from held_against_before as seen
left join found_edits
    on
        seen.survey_id = found_edits.survey_id
        and seen.wave_id = found_edits.wave_id
        and seen.response_id = found_edits.response_id
        and seen.pull_number = found_edits.pull_number
