with responses as (
    select * from {{ source('figures', 'released_responses') }}
),

waves as (
    select * from {{ ref('dim_wave') }}
),

segments as (
    select * from {{ ref('dim_segment') }}
),

eligible as (
    select
        *,
        invited_count - coalesce(ineligible_count, 0) as eligible_count
    from responses
)

-- Of a segment, the list says who was invited and the respondents say themselves to which they belong.
select
    {{ publish_id() }} as publish_id,
    eligible.survey_id,
    eligible.wave_id,
    waves.wave_label,
    waves.wave_number,
    eligible.segment_kind,
    eligible.segment_value,
    segments.segment_label,
    segments.segment_sort,
    eligible.invited_count,
    eligible.bounced_count,
    eligible.ineligible_count,
    eligible.eligible_count,
    eligible.responded_count,
    eligible.partial_count,
    eligible.complete_count,
    case
        when eligible.responded_count <= eligible.eligible_count
            then eligible.responded_count::double precision / nullif(eligible.eligible_count, 0)
    end as response_rate,
    waves.data_origin
from eligible
inner join waves
    on
        eligible.survey_id = waves.survey_id
        and eligible.wave_id = waves.wave_id
inner join segments
    on
        eligible.segment_kind = segments.segment_kind
        and eligible.segment_value = segments.segment_value
