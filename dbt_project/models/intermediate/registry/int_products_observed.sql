{{ config(materialized='view') }}

with pulls as (
    select * from {{ ref('int_registry_pulls_chosen') }}
),

memberships as (
    select * from {{ ref('stg_landing__memberships') }}
),

identified as (
    select * from {{ ref('int_products_identified') }}
),

placed as (
    select
        pulls.source_id,
        pulls.data_origin,
        pulls.pull_no,
        pulls.as_of,
        pulls.next_as_of,
        identified.payload_no,
        identified.product_no,
        identified.product_id,
        identified.copy_product_id,
        identified.attributes_no,
        identified.folder_rank,
        identified.is_screening,
        row_number() over (
            partition by pulls.load_id, identified.product_no
            order by identified.is_screening, identified.folder_rank
        ) as copy_no,
        max(identified.payload_no) filter (where identified.is_screening) over (
            partition by pulls.load_id, identified.product_no
        ) as screening_payload_no,
        max(identified.locations_no) filter (where identified.is_screening) over (
            partition by pulls.load_id, identified.product_no
        ) as screening_locations_no
    from pulls
    inner join memberships
        on pulls.load_id = memberships.load_id
    inner join identified
        on
            memberships.source_id = identified.source_id
            and memberships.payload_no = identified.payload_no
)

-- A copy that was left behind is listed by the registry too, so it counts, as a product of its own.
select
    source_id,
    data_origin,
    pull_no,
    as_of,
    next_as_of,
    payload_no,
    product_no,
    case when copy_no = 1 then 0 else folder_rank end as copy_rank,
    case when copy_no = 1 then product_id else copy_product_id end as product_id,
    attributes_no,
    case when copy_no = 1 then screening_payload_no end as screening_payload_no,
    case when copy_no = 1 then screening_locations_no end as screening_locations_no
from placed
where not is_screening
