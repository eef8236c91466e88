with sources as (
    select * from {{ ref('stg_config__sources') }}
    where kind = 'survey'
)

select
    {{ publish_id() }} as publish_id,
    sources.source_id as survey_id,
    sources.title as survey_title,
    sources.publisher,
    sources.licence,
    sources.homepage,
    nullif(sources.description, '') as description,
    nullif(sources.eligible, '') as eligible,
    sources.data_origin
from sources
