-- The stages of a month add up to the products that its last pull lists, and "all" is its public goods.
with trend as (
    select * from {{ ref('trend_registry') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

from_trend as (
    select
        source_id,
        data_origin,
        observed_on,
        sum(product_count) filter (where dimension = 'stage') as listed_count,
        coalesce(sum(product_count) filter (where dimension = 'all'), 0) as good_count
    from trend
    group by source_id, data_origin, observed_on
),

from_products as (
    select
        from_trend.source_id,
        from_trend.data_origin,
        from_trend.observed_on,
        count(*) as listed_count,
        count(*) filter (where products.stage = 'DPG') as good_count
    from from_trend
    inner join products
        on
            from_trend.source_id = products.source_id
            and from_trend.data_origin = products.data_origin
            and from_trend.observed_on >= products.valid_from
            and (from_trend.observed_on < products.valid_to or products.valid_to is null)
    group by from_trend.source_id, from_trend.data_origin, from_trend.observed_on
)

select from_trend.*
from from_trend
left join from_products
    on
        from_trend.source_id = from_products.source_id
        and from_trend.data_origin = from_products.data_origin
        and from_trend.observed_on = from_products.observed_on
where
    from_trend.listed_count is distinct from from_products.listed_count
    or from_trend.good_count is distinct from from_products.good_count
