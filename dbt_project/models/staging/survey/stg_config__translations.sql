with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'question_id' as question_id,
    configuration_rows.content ->> 'option_id' as option_id,
    configuration_rows.content ->> 'language' as language,
    configuration_rows.content ->> 'label' as label,
    configuration_rows.content ->> 'wording' as wording
from configuration_rows
where configuration_rows.file = 'translations'
