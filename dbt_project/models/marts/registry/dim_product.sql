with versions as (
    select * from {{ ref('int_products_versioned') }}
)

select
    product_version_key,
    {{ publish_id() }} as publish_id,
    source_id,
    data_origin,
    product_id,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    name,
    nullif(array_to_string(aliases, '; '), '') as aliases,
    stage,
    owner_name,
    website,
    nullif(array_to_string(repositories, ' '), '') as repositories,
    format as source_format,
    cardinality(sdgs) as sdg_count,
    cardinality(licences) as licence_count,
    cardinality(product_types) as product_type_count,
    cardinality(origin_countries) as origin_country_count,
    cardinality(deployment_countries) as deployment_country_count
from versions
