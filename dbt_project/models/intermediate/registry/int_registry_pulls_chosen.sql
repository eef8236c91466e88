with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

feeds as (
    select * from {{ ref('stg_config__feeds') }}
),

ranked as (
    select
        loads.source_id,
        loads.data_origin,
        loads.as_of,
        loads.load_id,
        loads.feed,
        row_number() over (
            partition by loads.source_id, loads.data_origin, loads.as_of
            order by feeds.precedence
        ) as precedence_rank
    from loads
    inner join feeds
        on
            loads.source_id = feeds.source_id
            and loads.feed = feeds.feed
)

select
    source_id,
    data_origin,
    as_of,
    load_id,
    feed,
    row_number() over timeline as pull_no,
    lead(as_of) over timeline as next_as_of
from ranked
where precedence_rank = 1
window timeline as (partition by source_id, data_origin order by as_of)
