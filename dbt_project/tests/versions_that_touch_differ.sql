-- Two versions of a product of which one follows the other at once must differ in what readers can see.
with versions as (
    select * from {{ ref('int_products_versioned') }}
)

select
    later.product_id,
    later.valid_from
from versions as former
inner join versions as later
    on
        former.source_id = later.source_id
        and former.data_origin = later.data_origin
        and former.product_id = later.product_id
        and former.valid_to = later.valid_from
where
    (
        to_jsonb(former) - '{product_version_key,valid_from,valid_to}'::text[]
    ) = (
        to_jsonb(later) - '{product_version_key,valid_from,valid_to}'::text[]
    )
