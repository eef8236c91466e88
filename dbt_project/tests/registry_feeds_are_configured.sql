-- A load of a registry whose feed its source.yml no longer names would be left out in silence.
with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

sources as (
    select * from {{ ref('stg_config__sources') }}
),

feeds as (
    select * from {{ ref('stg_config__feeds') }}
)

select
    loads.load_id,
    loads.feed
from loads
inner join sources
    on
        loads.source_id = sources.source_id
        and sources.kind = 'registry'
left join feeds
    on
        loads.source_id = feeds.source_id
        and loads.feed = feeds.feed
where feeds.feed is null
