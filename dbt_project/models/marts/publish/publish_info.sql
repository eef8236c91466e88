with current_build as (
    select * from {{ ref('stg_ops__current_build') }}
),

loads as (
    select * from {{ ref('stg_landing__loads') }}
),

newest_loads as (
    select
        source_id,
        max(as_of) as latest_as_of
    from loads
    group by source_id
),

summarised as (
    select
        count(*) as source_count,
        max(newest_loads.latest_as_of) as latest_as_of,
        jsonb_object_agg(newest_loads.source_id, newest_loads.latest_as_of) as latest_as_of_by_source,
        jsonb_object_agg(
            newest_loads.source_id,
            (current_build.started_at at time zone 'utc')::date - newest_loads.latest_as_of
        ) as age_days_by_source
    from newest_loads
    cross join current_build
)

select
    current_build.build_id as publish_id,
    current_timestamp as published_at,
    current_build.started_at as built_at,
    current_build.code_version,
    summarised.source_count,
    (select count(*) from loads) as load_count,
    summarised.latest_as_of,
    coalesce(summarised.latest_as_of_by_source, '{}') as latest_as_of_by_source,
    coalesce(summarised.age_days_by_source, '{}') as age_days_by_source,
    (select coalesce(bool_or(loads.data_origin = 'synthetic'), false) from loads) as has_synthetic_data
from current_build
cross join summarised
