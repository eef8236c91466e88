-- A value that one month has is in every month; of the stages, those that the month's format serves are.
with trend as (
    select * from {{ ref('trend_registry') }}
),

feeds as (
    select * from {{ ref('stg_config__feeds') }}
),

months as (
    select distinct
        trend.source_id,
        trend.data_origin,
        trend.month_end,
        feeds.covers -> trend.source_format as covered_stages
    from trend
    inner join feeds
        on
            trend.source_id = feeds.source_id
            and trend.feed = feeds.feed
),

seen as (
    select distinct
        source_id,
        data_origin,
        dimension,
        value
    from trend
)

select
    months.source_id,
    months.data_origin,
    months.month_end,
    seen.dimension,
    seen.value
from months
inner join seen
    on
        months.source_id = seen.source_id
        and months.data_origin = seen.data_origin
where
    seen.dimension <> 'stage'
    or months.covered_stages ? seen.value
except
select
    source_id,
    data_origin,
    month_end,
    dimension,
    value
from trend
