with payloads as (
    select * from {{ ref('stg_landing__payloads') }}
),

sources as (
    select * from {{ ref('stg_config__sources') }}
),

registry_payloads as (
    select payloads.*
    from payloads
    inner join sources
        on payloads.source_id = sources.source_id
    where
        sources.kind = 'registry'
        and payloads.record_type = 'record'
),

parsed as (
    select
        registry_payloads.source_id,
        registry_payloads.payload_no,
        registry_payloads.format,
        registry_payloads.record_key,
        registry_payloads.format = 'v1' as is_document,
        fields.*
    from registry_payloads
    -- One pass over the payload: each operator of its own would decompress it again.
    cross join lateral jsonb_to_record(registry_payloads.payload) as fields (
        "name" text,
        "aliases" jsonb,
        "stage" text,
        "website" text,
        "organizations" jsonb,
        "clearOwnership" jsonb,
        "license" jsonb,
        "openlicenses" jsonb,
        "SDGs" jsonb,
        "sdgs" jsonb,
        "type" jsonb,
        "categories" jsonb,
        "repositoryURL" text,
        "repositories" jsonb,
        "locations" jsonb
    )
)

select
    source_id,
    payload_no,
    format,
    case when is_document then split_part(record_key, '/', 1) end as folder,
    case when is_document then substring(record_key from '/(.*)$') else record_key end as product_key,
    name,
    stage,
    website,
    aliases,
    jsonb_path_query_array("clearOwnership", '$[*].clearOwnershipName') as clear_owners,
    jsonb_path_query_array(organizations, '$[*] ? (@.org_type == "owner").name') as owning_organizations,
    coalesce(
        jsonb_path_query_array(license, '$[*].spdx'),
        jsonb_path_query_array(openlicenses, '$[*].openLicense')
    ) as licences,
    coalesce("SDGs", sdgs -> 'sdg', sdgs) as sdgs,
    coalesce(type, categories) as product_types,
    to_jsonb(array["repositoryURL"]) || coalesce(
        jsonb_path_query_array(repositories, '$[*].url'), '[]'
    ) as repositories,
    locations -> 'deploymentCountries' as deployment_countries,
    -- A misspelt field of two documents of the candidates repository.
    coalesce(locations -> 'developmentCountries', locations -> 'developmentCounties') as origin_countries
from parsed
