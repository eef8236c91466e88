-- One row a product of the load, whatever its format generation. Screening documents of v1 hold
-- answers about a product that has a document of its own elsewhere; they are left out.
with members as (
    select
        payloads.payload_no,
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
),

-- All shapes that goals have had: [[3, "label"]], [{"SDGNumber": 3}], [{"sdg": "SDG3: label"}] and
-- {"sdg": ["SDG3: label"]}.
goals as (
    select
        payload_no,
        jsonb_path_query(payload, '$.SDGs[*]') as goal
    from members
    union
    select
        payload_no,
        jsonb_path_query(payload, '$.sdgs[*]') as goal
    from members
    union
    select
        payload_no,
        jsonb_path_query(payload, '$.sdgs.sdg[*]') as goal
    from members
),

mentions as (
    select
        payload_no,
        goal ->> 'SDGNumber' as given_number,
        coalesce(goal ->> 'SDGNumber', goal ->> 'sdg', goal ->> 0, goal #>> '{}') as mention
    from goals
),

-- As the marts read it, a label without a number at its start names no goal.
out_of_range as (
    select
        payload_no,
        count(*) as sdg_out_of_range_count
    from mentions
    where
        given_number !~ '^([1-9]|1[0-7])$'
        or (regexp_match(mention, '^\s*(SDG)?\s*(\d+)'))[2] !~ '^(0?[1-9]|1[0-7])$'
    group by payload_no
)

select
    members.record_key,
    -- What the marts trim: a name of no-break spaces is none there either.
    nullif(btrim(members.payload ->> 'name', e' \t\r\n\u00a0'), '') as name,
    nullif(trim(members.payload ->> 'stage'), '') as stage,
    coalesce(out_of_range.sdg_out_of_range_count, 0) as sdg_out_of_range_count,
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
left join out_of_range
    on members.payload_no = out_of_range.payload_no
