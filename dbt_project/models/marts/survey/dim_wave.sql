with waves as (
    select * from {{ ref('int_waves_described') }}
),

-- A closed wave shows the counts of its last release, an open one those of today.
released as (
    select * from {{ source('figures', 'released_waves') }}
),

invited as (
    select * from {{ ref('int_lists_invited') }}
),

counted as (
    select
        waves.survey_id,
        waves.wave_id,
        coalesce(released.response_count, waves.response_count)::integer as response_count,
        case when released.wave_id is null then waves.complete_count else released.complete_count end::integer
            as complete_count,
        coalesce(released.excluded_count, waves.excluded_count)::integer as excluded_count,
        coalesce(released.not_approved_count, waves.not_approved_count)::integer as not_approved_count,
        coalesce(released.duplicate_count, waves.duplicate_count)::integer as duplicate_count,
        coalesce(released.deleted_count, waves.deleted_count)::integer as deleted_count,
        coalesce(released.edited_count, waves.edited_count)::integer as edited_count,
        released.release_number,
        released.is_held as is_release_held,
        released.weighting_note
    from waves
    left join released
        on
            waves.survey_id = released.survey_id
            and waves.wave_id = released.wave_id
)

select
    {{ publish_id() }} as publish_id,
    waves.survey_id,
    waves.wave_id,
    waves.wave_number,
    waves.wave_label,
    waves.wave_status,
    counted.release_number,
    counted.is_release_held,
    waves.opened_on,
    waves.closed_on,
    waves.as_of,
    waves.mode,
    waves.frame_count,
    invited.eligible_count,
    waves.frame_as_of,
    counted.response_count,
    counted.complete_count,
    counted.excluded_count,
    counted.not_approved_count,
    counted.duplicate_count,
    counted.deleted_count,
    counted.edited_count,
    waves.form_version_count::integer as form_version_count,
    case
        when counted.response_count <= invited.eligible_count
            then counted.response_count::double precision / nullif(invited.eligible_count, 0)
    end as response_rate,
    counted.weighting_note,
    waves.data_origin
from waves
inner join counted
    on
        waves.survey_id = counted.survey_id
        and waves.wave_id = counted.wave_id
left join invited
    on
        waves.survey_id = invited.survey_id
        and waves.wave_id = invited.wave_id
