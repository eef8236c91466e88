{{ config(materialized='table') }}

with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'question_id' as question_id,
    configuration_rows.content ->> 'option_id' as option_id,
    configuration_rows.content ->> 'field' as field,
    configuration_rows.content ->> 'code' as code,
    configuration_rows.content ->> 'label' as option_label,
    (configuration_rows.content ->> 'sort')::integer as option_sort,
    configuration_rows.content ->> 'challenge_id' as challenge_id,
    (configuration_rows.content ->> 'scale_value')::double precision as scale_value,
    (configuration_rows.content ->> 'is_exclusive')::boolean as is_exclusive
from configuration_rows
where configuration_rows.file = 'options'
