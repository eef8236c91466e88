with waves as (
    select * from {{ ref('int_waves_described') }}
),

released as (
    select * from {{ source('figures', 'released_waves') }}
),

invited as (
    select * from {{ ref('int_lists_invited') }}
),

-- A closed wave shows what its last release was made of, another one what there is today.
shown as (
    select
        survey_id,
        wave_id,
        release_number,
        is_held as is_release_held,
        as_of,
        frame_count,
        eligible_count,
        frame_as_of,
        response_count,
        complete_count,
        excluded_count,
        not_approved_count,
        blank_count,
        duplicate_count,
        deleted_count,
        edited_count,
        form_version_count,
        weighting_note
    from released
    union all
    select
        waves.survey_id,
        waves.wave_id,
        null as release_number,
        null as is_release_held,
        waves.as_of,
        waves.frame_count,
        invited.eligible_count,
        waves.frame_as_of,
        waves.response_count,
        waves.complete_count,
        waves.excluded_count,
        waves.not_approved_count,
        waves.blank_count,
        waves.duplicate_count,
        waves.deleted_count,
        waves.edited_count,
        waves.form_version_count,
        null as weighting_note
    from waves
    left join invited
        on
            waves.survey_id = invited.survey_id
            and waves.wave_id = invited.wave_id
    where not exists (
        select 1 from released
        where released.survey_id = waves.survey_id and released.wave_id = waves.wave_id
    )
)

select
    {{ publish_id() }} as publish_id,
    waves.survey_id,
    waves.wave_id,
    waves.wave_number,
    waves.wave_label,
    waves.wave_status,
    shown.release_number,
    shown.is_release_held,
    waves.opened_on,
    waves.closed_on,
    shown.as_of,
    waves.mode,
    shown.frame_count::integer as frame_count,
    shown.eligible_count::integer as eligible_count,
    shown.frame_as_of,
    shown.response_count::integer as response_count,
    shown.complete_count::integer as complete_count,
    shown.excluded_count::integer as excluded_count,
    shown.not_approved_count::integer as not_approved_count,
    shown.blank_count::integer as blank_count,
    shown.duplicate_count::integer as duplicate_count,
    shown.deleted_count::integer as deleted_count,
    shown.edited_count::integer as edited_count,
    shown.form_version_count::integer as form_version_count,
    case
        when shown.response_count <= shown.eligible_count
            then shown.response_count::double precision / nullif(shown.eligible_count, 0)
    end as response_rate,
    shown.weighting_note,
    waves.data_origin
from waves
inner join shown
    on
        waves.survey_id = shown.survey_id
        and waves.wave_id = shown.wave_id
