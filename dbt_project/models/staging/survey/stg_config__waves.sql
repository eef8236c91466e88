with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    (configuration_rows.content ->> 'number')::integer as wave_number,
    configuration_rows.content ->> 'label' as wave_label,
    (configuration_rows.content ->> 'opened_on')::date as opened_on,
    (configuration_rows.content ->> 'closed_on')::date as closed_on,
    configuration_rows.content ->> 'mode' as mode,
    (configuration_rows.content -> 'frame' ->> 'count')::integer as frame_count,
    (configuration_rows.content -> 'frame' ->> 'as_of')::date as frame_as_of,
    configuration_rows.content ->> 'data_origin' as data_origin,
    configuration_rows.content -> 'complete_when' ->> 'field' as complete_field,
    configuration_rows.content -> 'complete_when' -> 'values' as complete_values,
    configuration_rows.content ->> 'submitted_at' as submitted_at,
    configuration_rows.content ->> 'link_field' as link_field,
    configuration_rows.content ->> 'connector' as connector,
    (configuration_rows.content ->> 'submissions_are_whole')::boolean as submissions_are_whole,
    configuration_rows.content -> 'languages' as languages,
    configuration_rows.content -> 'changes' as changes
from configuration_rows
where configuration_rows.file = 'waves'
