with waves as (
    select * from {{ ref('int_waves_described') }}
)

select
    {{ publish_id() }} as publish_id,
    waves.survey_id,
    waves.wave_id,
    waves.wave_number,
    waves.wave_label,
    waves.wave_status,
    null::integer as release_number,
    waves.opened_on,
    waves.closed_on,
    waves.as_of,
    waves.mode,
    waves.frame_count,
    waves.frame_as_of,
    waves.response_count::integer as response_count,
    waves.complete_count::integer as complete_count,
    waves.excluded_count::integer as excluded_count,
    waves.not_approved_count::integer as not_approved_count,
    waves.duplicate_count::integer as duplicate_count,
    waves.deleted_count::integer as deleted_count,
    waves.edited_count::integer as edited_count,
    waves.form_version_count::integer as form_version_count,
    waves.response_count::double precision / waves.frame_count as response_rate,
    waves.data_origin
from waves
