with months as (
    select
        source_id,
        data_origin,
        month_end,
        max(observed_on) as observed_on,
        coalesce(sum(product_count) filter (where dimension = 'stage'), 0) as stage_count,
        coalesce(sum(product_count) filter (where dimension = 'stage' and value = 'DPG'), 0) as dpg_count,
        coalesce(sum(product_count) filter (where dimension = 'all'), 0) as all_count
    from marts_build.trend_registry
    group by source_id, data_origin, month_end
)

select
    months.source_id,
    months.month_end,
    months.stage_count,
    months.dpg_count,
    months.all_count,
    count(products.product_id) as valid_count
from months
left join marts_build.dim_product as products
    on
        months.source_id = products.source_id
        and months.data_origin = products.data_origin
        and months.observed_on >= products.valid_from
        and (products.valid_to is null or months.observed_on < products.valid_to)
group by
    months.source_id,
    months.data_origin,
    months.month_end,
    months.stage_count,
    months.dpg_count,
    months.all_count
