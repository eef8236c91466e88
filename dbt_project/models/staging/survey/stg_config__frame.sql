with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'segment_kind' as segment_kind,
    configuration_rows.content ->> 'segment_value' as segment_value,
    (configuration_rows.content ->> 'invited_count')::integer as invited_count,
    (configuration_rows.content ->> 'bounced_count')::integer as bounced_count,
    (configuration_rows.content ->> 'ineligible_count')::integer as ineligible_count
from configuration_rows
where configuration_rows.file = 'frame'
