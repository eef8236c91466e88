-- One row a product of the load, whatever its format generation. Screening documents of v1 hold
-- answers about a product that has a document of its own elsewhere; they are left out.
with members as (
    select
        payloads.record_key,
        payloads.payload
    from ops.loads as loads
    inner join landing.memberships as memberships
        on loads.source_id = memberships.source_id and loads.load_id = memberships.load_id
    cross join lateral unnest(memberships.payload_nos) as member (payload_no)
    inner join landing.payloads as payloads
        on loads.source_id = payloads.source_id and member.payload_no = payloads.payload_no
    where
        loads.load_id = :load_id
        and payloads.record_key not like 'digitalpublicgoods/%'
        and payloads.record_key not like 'screening/%'
)

select
    members.record_key,
    nullif(trim(members.payload ->> 'name'), '') as name,
    nullif(trim(members.payload ->> 'stage'), '') as stage,
    (
        select count(*)
        from jsonb_path_query(members.payload, '$.SDGs[*].SDGNumber') as sdg (number)
        where (sdg.number #>> '{}') !~ '^([1-9]|1[0-7])$'
    ) as sdg_out_of_range_count,
    coalesce(
        nullif(trim(members.payload ->> 'website'), '') is not null
        or nullif(trim(members.payload ->> 'repositoryURL'), '') is not null
        or jsonb_path_exists(members.payload, '$.repositories[*].url ? (@ != "")'),
        false
    ) as has_place_on_the_web,
    jsonb_array_length(jsonb_path_query_array(members.payload, '$.license[*].spdx ? (@ != "")'))
    + jsonb_array_length(jsonb_path_query_array(members.payload, '$.openlicenses[*].openLicense ? (@ != "")'))
        as licence_count
from members
