with months as (
    select * from {{ ref('int_registry_months') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

value_labels as (
    select * from {{ ref('int_registry_values_labelled') }}
),

listed as (
    select
        products.*,
        months.month_end
    from months
    inner join products
        on
            months.source_id = products.source_id
            and months.data_origin = products.data_origin
            and months.observed_on >= products.valid_from
            and (months.observed_on < products.valid_to or products.valid_to is null)
),

goods as (
    select * from listed
    where stage = 'DPG'
),

valued as (
    select
        source_id,
        data_origin,
        month_end,
        'stage' as dimension,
        stage as value
    from listed
    union all
    select
        source_id,
        data_origin,
        month_end,
        'all' as dimension,
        'all' as value
    from goods
    union all
    {{ listed_values('product_type', ref('bridge_product_type'), 'product_type', 'product_type_count') }}
    union all
    {{ listed_values('licence', ref('bridge_product_licence'), 'licence', 'licence_count') }}
    union all
    {{ listed_values('sdg', ref('bridge_product_sdg'), 'sdg_number', 'sdg_count') }}
    union all
    {{ listed_values(
        'origin_country', ref('bridge_product_origin_country'), 'origin_country', 'origin_country_count'
    ) }}
    union all
    {{ listed_values(
        'deployment_country', ref('bridge_product_deployment_country'), 'deployment_country',
        'deployment_country_count'
    ) }}
),

counted as (
    select
        source_id,
        data_origin,
        month_end,
        dimension,
        value,
        count(*) as product_count
    from valued
    group by source_id, data_origin, month_end, dimension, value
),

totalled as (
    select
        source_id,
        data_origin,
        month_end,
        count(*) as listed_count,
        count(*) filter (where stage = 'DPG') as good_count
    from listed
    group by source_id, data_origin, month_end
)

select
    counted.source_id,
    counted.data_origin,
    counted.month_end,
    counted.dimension,
    counted.value,
    {{ publish_id() }} as publish_id,
    months.observed_on,
    coalesce(value_labels.label, counted.value) as value_label,
    value_labels.sort as value_sort,
    counted.dimension not in ('all', 'stage') as is_multi_valued,
    counted.product_count,
    counted.product_count::double precision
    / case counted.dimension when 'stage' then totalled.listed_count else totalled.good_count end as share,
    null::bigint as opening_count,
    null::bigint as added_count,
    null::bigint as lapsed_count,
    null::bigint as returned_count,
    null::bigint as moved_in_count,
    null::bigint as moved_out_count,
    null::bigint as renewed_count,
    months.snapshot_count,
    months.is_provisional
from counted
inner join months
    on
        counted.source_id = months.source_id
        and counted.data_origin = months.data_origin
        and counted.month_end = months.month_end
inner join totalled
    on
        counted.source_id = totalled.source_id
        and counted.data_origin = totalled.data_origin
        and counted.month_end = totalled.month_end
left join value_labels
    on
        counted.dimension = value_labels.dimension
        and counted.value = value_labels.value
