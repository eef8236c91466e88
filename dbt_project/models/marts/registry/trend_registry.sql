with months as (
    select * from {{ ref('int_registry_months') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

feeds as (
    select * from {{ ref('stg_config__feeds') }}
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

-- Materialized, or the planner, which expects a handful of rows, would count again for each month.
counted as materialized (
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

seen as materialized (
    select distinct
        source_id,
        data_origin,
        dimension,
        value
    from counted
    union
    select distinct
        source_id,
        data_origin,
        'all' as dimension,
        'all' as value
    from months
),

-- Every value has a row in every month, or a line would run straight on through months at 0. Of a
-- stage that the format of the month's pull doesn't serve nothing is known, and that is no 0.
possible as (
    select
        months.source_id,
        months.data_origin,
        months.month_end,
        seen.dimension,
        seen.value
    from months
    inner join feeds
        on
            months.source_id = feeds.source_id
            and months.feed = feeds.feed
    inner join seen
        on
            months.source_id = seen.source_id
            and months.data_origin = seen.data_origin
    where
        seen.dimension <> 'stage'
        or feeds.covers -> months.format ? seen.value
),

filled as (
    select
        source_id,
        data_origin,
        month_end,
        dimension,
        value,
        sum(product_count)::bigint as product_count
    from (
        select * from counted
        union all
        select
            *,
            0 as product_count
        from possible
    ) as counted_or_possible
    group by source_id, data_origin, month_end, dimension, value
),

compared as (
    select
        *,
        sum(product_count) filter (where dimension = 'stage') over a_month as listed_count,
        sum(product_count) filter (where dimension = 'all') over a_month as good_count
    from filled
    window a_month as (partition by source_id, data_origin, month_end)
)

select
    compared.source_id,
    compared.data_origin,
    compared.month_end,
    compared.dimension,
    compared.value,
    {{ publish_id() }} as publish_id,
    months.observed_on,
    months.feed,
    months.format as source_format,
    coalesce(value_labels.label, compared.value) as value_label,
    value_labels.sort as value_sort,
    compared.dimension not in ('all', 'stage') as is_multi_valued,
    compared.product_count,
    -- A month without a single public good has shares of 0.
    coalesce(
        compared.product_count::double precision
        / case compared.dimension
            when 'stage' then compared.listed_count
            else nullif(compared.good_count, 0)
        end,
        0
    ) as share,
    null::bigint as opening_count,
    null::bigint as added_count,
    null::bigint as lapsed_count,
    null::bigint as returned_count,
    null::bigint as moved_in_count,
    null::bigint as moved_out_count,
    null::bigint as renewed_count,
    months.snapshot_count,
    months.is_provisional
from compared
inner join months
    on
        compared.source_id = months.source_id
        and compared.data_origin = months.data_origin
        and compared.month_end = months.month_end
left join value_labels
    on
        compared.dimension = value_labels.dimension
        and compared.value = value_labels.value
