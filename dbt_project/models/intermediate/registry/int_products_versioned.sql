with observed as (
    select * from {{ ref('int_products_observed') }}
),

products as (
    select * from {{ ref('stg_registry__products') }}
    where not is_screening
),

screenings as (
    select * from {{ ref('stg_registry__products') }}
    where is_screening
),

compared as (
    select
        *,
        lag(pull_no) over history as previous_pull_no,
        lag(next_as_of) over history as previous_next_as_of,
        lag(attributes_no) over history as previous_attributes_no,
        lag(screening_locations_no) over history as previous_screening_locations_no,
        last_value(next_as_of) over (
            history rows between unbounded preceding and unbounded following
        ) as product_absent_on
    from observed
    window history as (partition by data_origin, product_no, copy_rank order by pull_no)
),

-- A version starts where the pull before showed the product otherwise, or not at all.
started as (
    select *
    from compared
    where
        previous_pull_no is distinct from pull_no - 1
        or previous_attributes_no <> attributes_no
        or previous_screening_locations_no is distinct from screening_locations_no
),

ended as (
    select
        *,
        coalesce(
            lead(previous_next_as_of) over (partition by data_origin, product_no, copy_rank order by pull_no),
            product_absent_on
        ) as valid_to
    from started
)

select
    md5(concat_ws(
        '|', ended.source_id, ended.data_origin, ended.product_id, ended.as_of
    )) as product_version_key,
    ended.source_id,
    ended.data_origin,
    ended.product_id,
    ended.as_of as valid_from,
    ended.valid_to,
    products.format,
    products.stage,
    products.name,
    products.aliases,
    products.owner_name,
    products.website,
    products.repositories,
    products.sdgs,
    products.licences,
    products.product_types,
    coalesce(products.origin_countries, screenings.origin_countries) as origin_countries,
    coalesce(products.deployment_countries, screenings.deployment_countries) as deployment_countries
from ended
inner join products
    on
        ended.source_id = products.source_id
        and ended.payload_no = products.payload_no
left join screenings
    on
        ended.source_id = screenings.source_id
        and ended.screening_payload_no = screenings.payload_no
