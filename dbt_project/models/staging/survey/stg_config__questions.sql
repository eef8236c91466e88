{{ config(materialized='table') }}

with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id as survey_id,
    configuration_rows.content ->> 'wave_id' as wave_id,
    configuration_rows.content ->> 'question_id' as question_id,
    configuration_rows.row_no as question_sort,
    configuration_rows.content ->> 'field' as field,
    configuration_rows.content ->> 'layout' as layout,
    configuration_rows.content ->> 'kind' as kind,
    configuration_rows.content ->> 'theme' as theme,
    configuration_rows.content ->> 'segment_kind' as segment_kind,
    configuration_rows.content ->> 'part_of' as part_of,
    configuration_rows.content ->> 'asked_of' as asked_of,
    configuration_rows.content ->> 'shown_if' as shown_if,
    configuration_rows.content ->> 'base' as base,
    configuration_rows.content ->> 'crossed_with' as crossed_with,
    (configuration_rows.content ->> 'is_sensitive')::boolean as is_sensitive,
    (configuration_rows.content ->> 'place_count')::integer as place_count,
    configuration_rows.content ->> 'comparability' as comparability,
    configuration_rows.content ->> 'comparability_note' as comparability_note,
    configuration_rows.content ->> 'label' as question_label,
    configuration_rows.content ->> 'wording' as wording,
    configuration_rows.content ->> 'language' as language
from configuration_rows
where configuration_rows.file = 'questions'
