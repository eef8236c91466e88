with products as (
    select * from {{ ref('stg_registry__products') }}
),

named as (
    select
        *,
        format || ':' || product_key as product_id,
        -- The candidates repository sometimes left a copy behind when it moved a document.
        format || ':' || folder || '/' || product_key as copy_product_id
    from products
)

-- The numbers hold within one build: history compares and sorts them many times over.
select
    source_id,
    payload_no,
    product_id,
    copy_product_id,
    dense_rank() over (order by source_id, product_id) as product_no,
    dense_rank() over (order by attributes_hash) as attributes_no,
    dense_rank() over (order by locations_hash) as locations_no,
    case folder
        when 'nominees' then 1
        when 'archive' then 2
        when 'excluded_nominees' then 3
        else 0
    end as folder_rank,
    is_screening
from named
