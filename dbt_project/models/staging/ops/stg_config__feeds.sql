with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

select
    configuration_rows.source_id,
    configuration_rows.content ->> 'feed' as feed,
    configuration_rows.content ->> 'title' as title,
    (configuration_rows.content ->> 'precedence')::integer as precedence,
    configuration_rows.content -> 'covers' as covers
from configuration_rows
where configuration_rows.file = 'feeds'
