{{ config(materialized='table') }}

with records as (
    select * from {{ ref('stg_registry__records') }}
),

product_type_names as (
    select * from {{ ref('product_type_names') }}
),

spdx_licences as (
    select * from {{ ref('spdx_licences') }}
),

cleaned as (
    select
        source_id,
        payload_no,
        format,
        folder,
        product_key,
        coalesce(folder in ('digitalpublicgoods', 'screening'), false) as is_screening,
        case
            when folder = 'archive' or lower({{ trimmed('stage') }}) = 'archive' then 'archived'
            when folder = 'excluded_nominees' then 'excluded'
            when lower({{ trimmed('stage') }}) = 'dpg' then 'DPG'
            else coalesce(lower({{ trimmed('stage') }}), 'unknown')
        end as stage,
        {{ trimmed('name') }} as name,
        coalesce({{ text_list('aliases') }}, '{}') as aliases,
        nullif(array_to_string(
            coalesce(
                {{ unknown_if_empty(text_list('clear_owners')) }},
                {{ text_list('owning_organizations') }}
            ),
            '; '
        ), '') as owner_name,
        {{ normalised_address('website') }} as website,
        {{ repository_addresses('repositories') }} as repositories,
        {{ unknown_if_empty(sdg_numbers('sdgs')) }} as sdgs,
        {{ text_list('licences') }} as named_licences,
        {{ text_list('product_types') }} as named_product_types,
        {{ unknown_if_empty(text_list('origin_countries')) }} as origin_countries,
        {{ text_list('deployment_countries') }} as deployment_countries
    from records
),

recoded as (
    select
        cleaned.*,
        -- SPDX ids are the same in any case. What is no id of the list stays as the registry spells it.
        {{ unknown_if_empty("array(
            select distinct coalesce(spdx_licences.licence, named.licence) as licence
            from unnest(cleaned.named_licences) as named (licence)
            left join spdx_licences
                on lower(named.licence) = lower(spdx_licences.licence)
            order by 1
        )") }} as licences,
        -- A type that nobody has mapped yet keeps its own name rather than vanish.
        {{ unknown_if_empty("array(
            select distinct coalesce(
                product_type_names.product_type,
                regexp_replace(lower(named.product_type), '[^a-z0-9]+', '_', 'g')
            ) as product_type
            from unnest(cleaned.named_product_types) as named (product_type)
            left join product_type_names
                on lower(named.product_type) = product_type_names.source_value
            order by 1
        )") }} as product_types
    from cleaned
)

select
    source_id,
    payload_no,
    format,
    folder,
    product_key,
    is_screening,
    stage,
    name,
    aliases,
    owner_name,
    website,
    repositories,
    sdgs,
    licences,
    product_types,
    origin_countries,
    deployment_countries,
    md5(row(
        stage, name, aliases, owner_name, website, repositories, sdgs, licences, product_types,
        origin_countries, deployment_countries
    )::text)::uuid as attributes_hash,
    md5(row(origin_countries, deployment_countries)::text)::uuid as locations_hash
from recoded
