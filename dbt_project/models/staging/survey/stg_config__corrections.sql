with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.row_no as correction_number,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'record_key' as response_id,
    configuration_rows.content ->> 'action' as action,
    configuration_rows.content ->> 'field' as field,
    coalesce(configuration_rows.content ->> 'expected', '') as expected,
    coalesce(configuration_rows.content ->> 'value', '') as value,
    configuration_rows.content ->> 'reason' as reason
from configuration_rows
where configuration_rows.file = 'corrections'
