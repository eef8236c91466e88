with pulls as (
    select * from {{ ref('int_registry_pulls_chosen') }}
),

dated as (
    select
        source_id,
        data_origin,
        as_of,
        feed,
        format,
        (date_trunc('month', as_of) + interval '1 month - 1 day')::date as month_end
    from pulls
),

-- A month is shown as its last pull left it.
months as (
    select distinct on (source_id, data_origin, month_end)
        source_id,
        data_origin,
        month_end,
        as_of as observed_on,
        feed,
        format,
        count(*) over (partition by source_id, data_origin, month_end) as snapshot_count
    from dated
    order by source_id asc, data_origin asc, month_end asc, as_of desc
)

select
    *,
    -- An absence of less than 90 days may still turn out to be a gap.
    observed_on > max(observed_on) over (partition by source_id, data_origin) - 90 as is_provisional
from months
