with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.row_no as figure_number,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'question_id' as question_id,
    configuration_rows.content ->> 'claim' as claim,
    configuration_rows.content ->> 'value_text' as value_text,
    nullif(configuration_rows.content ->> 'n_text', '') as n_text,
    configuration_rows.content ->> 'source' as source
from configuration_rows
where configuration_rows.file = 'published_figures'
