-- On the date of each pull that counts, as many products are valid as the pull lists.
with observed as (
    select * from {{ ref('int_products_observed') }}
),

versions as (
    select * from {{ ref('int_products_versioned') }}
),

listed as (
    select
        source_id,
        data_origin,
        as_of,
        count(*) as product_count
    from observed
    group by source_id, data_origin, as_of
),

valid as (
    select
        listed.source_id,
        listed.data_origin,
        listed.as_of,
        count(*) as product_count
    from listed
    inner join versions
        on
            listed.source_id = versions.source_id
            and listed.data_origin = versions.data_origin
            and listed.as_of >= versions.valid_from
            and (listed.as_of < versions.valid_to or versions.valid_to is null)
    group by listed.source_id, listed.data_origin, listed.as_of
)

select * from listed
except
select * from valid
