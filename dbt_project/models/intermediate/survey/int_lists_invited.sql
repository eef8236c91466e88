with waves as (
    select * from {{ ref('stg_config__waves') }}
    where frame_count is not null
),

margins as (
    select * from {{ ref('stg_config__frame') }}
),

-- A kind that leaves a count blank does not know how many there are on the whole list.
sums as (
    select
        survey_id,
        wave_id,
        segment_kind,
        case when count(*) = count(bounced_count) then sum(bounced_count)::integer end as bounced_count,
        case when count(*) = count(ineligible_count) then sum(ineligible_count)::integer end
            as ineligible_count
    from margins
    group by
        survey_id,
        wave_id,
        segment_kind
),

-- The kinds that know agree: what reads frame.csv sees to it.
lists as (
    select
        survey_id,
        wave_id,
        max(bounced_count) as bounced_count,
        max(ineligible_count) as ineligible_count
    from sums
    group by
        survey_id,
        wave_id
)

select
    waves.survey_id,
    waves.wave_id,
    waves.frame_count as invited_count,
    lists.bounced_count,
    lists.ineligible_count,
    waves.frame_count - coalesce(lists.ineligible_count, 0) as eligible_count
from waves
left join lists
    on
        waves.survey_id = lists.survey_id
        and waves.wave_id = lists.wave_id
