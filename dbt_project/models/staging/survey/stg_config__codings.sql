with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'question_id' as question_id,
    configuration_rows.content ->> 'record_key' as response_id,
    configuration_rows.content ->> 'option_id' as option_id
from configuration_rows
where configuration_rows.file = 'codings'
