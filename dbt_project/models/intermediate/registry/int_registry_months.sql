with pulls as (
    select * from {{ ref('int_registry_pulls_chosen') }}
),

-- A month is shown as its last pull left it.
months as (
    select
        source_id,
        data_origin,
        (date_trunc('month', as_of) + interval '1 month - 1 day')::date as month_end,
        max(as_of) as observed_on,
        count(*) as snapshot_count
    from pulls
    group by source_id, data_origin, month_end
)

select
    *,
    -- An absence of less than 90 days may still turn out to be a gap.
    observed_on > max(observed_on) over (partition by source_id, data_origin) - 90 as is_provisional
from months
