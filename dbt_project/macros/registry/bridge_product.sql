{#- One row per version of a product and value in one of its lists; none for an unknown list. -#}
{% macro bridge_product(list_column, value_column) -%}
with versions as (
    select * from {{ ref('int_products_versioned') }}
)

select
    versions.product_version_key,
    listed.{{ value_column }},
    {{ publish_id() }} as publish_id,
    versions.data_origin
from versions
cross join lateral unnest(versions.{{ list_column }}) as listed ({{ value_column }})
{%- endmacro %}
