with waves as (
    select * from {{ ref('stg_config__waves') }}
),

pulls as (
    select * from {{ ref('stg_survey__pulls') }}
    where is_newest
),

current_build as (
    select * from {{ ref('stg_ops__current_build') }}
),

newest_pull as (
    select max(as_of) as as_of from {{ ref('stg_landing__loads') }}
),

responses as (
    select * from {{ ref('int_responses_screened') }}
),

form_versions as (
    select * from {{ ref('int_form_versions') }}
),

counted_versions as (
    select
        survey_id,
        wave_id,
        count(*) as form_version_count
    from form_versions
    group by
        survey_id,
        wave_id
),

counted_responses as (
    select
        survey_id,
        wave_id,
        count(*) filter (where left_out_reason is null) as response_count,
        count(*) filter (where left_out_reason is null and is_complete) as complete_count,
        count(*) filter (where left_out_reason = 'excluded') as excluded_count,
        count(*) filter (where left_out_reason = 'not_approved') as not_approved_count,
        count(*) filter (where left_out_reason = 'blank') as blank_count,
        count(*) filter (where left_out_reason = 'duplicate') as duplicate_count,
        count(*) filter (where left_out_reason = 'deleted') as deleted_count,
        count(*) filter (where left_out_reason is distinct from 'deleted' and is_edited) as edited_count
    from responses
    group by
        survey_id,
        wave_id
)

select
    waves.survey_id,
    waves.wave_id,
    waves.wave_number,
    waves.wave_label,
    case
        when waves.closed_on < coalesce(pulls.as_of, current_build.as_of, newest_pull.as_of) then 'closed'
        else 'open'
    end as wave_status,
    waves.opened_on,
    waves.closed_on,
    waves.mode,
    waves.frame_count,
    waves.frame_as_of,
    pulls.load_id,
    pulls.as_of,
    case when pulls.load_id is not null then coalesce(counted_responses.response_count, 0) end
        as response_count,
    case
        when pulls.load_id is not null and waves.complete_field is not null
            then coalesce(counted_responses.complete_count, 0)
    end as complete_count,
    case when pulls.load_id is not null then coalesce(counted_responses.excluded_count, 0) end
        as excluded_count,
    case when pulls.load_id is not null then coalesce(counted_responses.not_approved_count, 0) end
        as not_approved_count,
    case when pulls.load_id is not null then coalesce(counted_responses.blank_count, 0) end
        as blank_count,
    case when pulls.load_id is not null then coalesce(counted_responses.duplicate_count, 0) end
        as duplicate_count,
    case when pulls.load_id is not null then coalesce(counted_responses.deleted_count, 0) end
        as deleted_count,
    case when pulls.load_id is not null then coalesce(counted_responses.edited_count, 0) end
        as edited_count,
    counted_versions.form_version_count,
    waves.data_origin
from waves
cross join newest_pull
cross join current_build
left join pulls
    on
        waves.survey_id = pulls.survey_id
        and waves.wave_id = pulls.wave_id
left join counted_responses
    on
        waves.survey_id = counted_responses.survey_id
        and waves.wave_id = counted_responses.wave_id
left join counted_versions
    on
        waves.survey_id = counted_versions.survey_id
        and waves.wave_id = counted_versions.wave_id
