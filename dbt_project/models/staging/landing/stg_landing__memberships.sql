{{ config(materialized='table') }}

with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

unnested_records as (
    select
        memberships.source_id,
        memberships.load_id,
        'record' as record_type,
        unnest(memberships.payload_nos) as payload_no
    from {{ source('landing', 'memberships') }} as memberships
    inner join loads
        on memberships.load_id = loads.load_id
),

unnested_forms as (
    select
        memberships.source_id,
        memberships.load_id,
        'form' as record_type,
        unnest(memberships.form_nos) as payload_no
    from {{ source('landing', 'memberships') }} as memberships
    inner join loads
        on memberships.load_id = loads.load_id
)

select * from unnested_records
union all
select * from unnested_forms
