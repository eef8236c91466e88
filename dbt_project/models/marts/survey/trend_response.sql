with responses as (
    select * from {{ source('figures', 'released_responses') }}
),

waves as (
    select * from {{ ref('dim_wave') }}
),

segments as (
    select * from {{ ref('dim_segment') }}
)

select
    {{ publish_id() }} as publish_id,
    responses.survey_id,
    responses.wave_id,
    waves.wave_label,
    waves.wave_number,
    responses.segment_kind,
    responses.segment_value,
    segments.segment_label,
    segments.segment_sort,
    responses.invited_count,
    responses.bounced_count,
    responses.ineligible_count,
    responses.responded_count,
    responses.partial_count,
    responses.complete_count,
    responses.responded_count::double precision
    / nullif(responses.invited_count - coalesce(responses.ineligible_count, 0), 0) as response_rate,
    waves.data_origin
from responses
inner join waves
    on
        responses.survey_id = waves.survey_id
        and responses.wave_id = waves.wave_id
inner join segments
    on
        responses.segment_kind = segments.segment_kind
        and responses.segment_value = segments.segment_value
