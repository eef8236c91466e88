with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

feeds as (
    select * from {{ ref('stg_config__feeds') }}
),

pulls as (
    select
        loads.source_id,
        loads.data_origin,
        loads.as_of,
        loads.load_id,
        loads.feed,
        loads.format,
        feeds.precedence
    from loads
    inner join feeds
        on
            loads.source_id = feeds.source_id
            and loads.feed = feeds.feed
),

-- Each pull beside the pulls of every better feed: the last one before it and the first one after.
beside_better as (
    select
        pulls.*,
        better.feed as better_feed,
        max(pulls.as_of) filter (where pulls.feed = better.feed) over until_here as better_before_on,
        min(pulls.as_of) filter (where pulls.feed = better.feed) over from_here as better_after_on
    from pulls
    inner join feeds as better
        on
            pulls.source_id = better.source_id
            and pulls.precedence >= better.precedence
    window
        until_here as (
            partition by pulls.source_id, pulls.data_origin, better.feed order by pulls.as_of
        ),
        from_here as (
            partition by pulls.source_id, pulls.data_origin, better.feed order by pulls.as_of desc
        )
),

-- Products are not the same ones in another format. A pull in the midst of a better feed, in a format
-- that neither neighbour has, would end every product on its date and begin every one anew after it.
intruding as (
    select distinct beside_better.load_id
    from beside_better
    inner join pulls as before
        on
            beside_better.source_id = before.source_id
            and beside_better.data_origin = before.data_origin
            and beside_better.better_feed = before.feed
            and beside_better.better_before_on = before.as_of
    inner join pulls as after
        on
            beside_better.source_id = after.source_id
            and beside_better.data_origin = after.data_origin
            and beside_better.better_feed = after.feed
            and beside_better.better_after_on = after.as_of
    where
        beside_better.feed <> beside_better.better_feed
        and beside_better.format not in (before.format, after.format)
),

ranked as (
    select
        pulls.*,
        row_number() over (
            partition by pulls.source_id, pulls.data_origin, pulls.as_of
            order by pulls.precedence
        ) as precedence_rank
    from pulls
    left join intruding
        on pulls.load_id = intruding.load_id
    where intruding.load_id is null
)

select
    source_id,
    data_origin,
    as_of,
    load_id,
    feed,
    format,
    row_number() over timeline as pull_no,
    lead(as_of) over timeline as next_as_of
from ranked
where precedence_rank = 1
window timeline as (partition by source_id, data_origin order by as_of)
