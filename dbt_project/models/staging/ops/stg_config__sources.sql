with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id,
    configuration_rows.content ->> 'kind' as kind,
    configuration_rows.content ->> 'title' as title,
    configuration_rows.content ->> 'publisher' as publisher,
    configuration_rows.content ->> 'licence' as licence,
    configuration_rows.content ->> 'homepage' as homepage,
    configuration_rows.content ->> 'description' as description,
    configuration_rows.content ->> 'eligible' as eligible,
    configuration_rows.content ->> 'data_origin' as data_origin
from configuration_rows
where configuration_rows.file = 'source'
