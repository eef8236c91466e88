{{ config(materialized='table') }}

with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'question_id' as question_id,
    (configuration_rows.content ->> 'condition_number')::integer as condition_number,
    configuration_rows.content ->> 'if_question_id' as if_question_id,
    configuration_rows.content ->> 'if_option_id' as if_option_id
from configuration_rows
where configuration_rows.file = 'conditions'
