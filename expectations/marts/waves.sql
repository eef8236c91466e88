with accepted as (
    select
        inputs.source_id as survey_id,
        inputs.wave_id,
        bool_or(loads.forgotten_count > 0) and not bool_or(cardinality(memberships.payload_nos) > 0)
            as was_forgotten
    from ops.build_inputs as inputs
    inner join ops.loads as loads on inputs.load_id = loads.load_id
    inner join landing.memberships as memberships
        on loads.source_id = memberships.source_id and loads.load_id = memberships.load_id
    where inputs.build_id = :build_id and inputs.wave_id is not null
    group by inputs.source_id, inputs.wave_id
),

shown as (
    select distinct
        survey_id,
        wave_id
    from marts_build.trend_answer_share
    where cell_status <> 'not_asked'
)

select
    accepted.survey_id,
    accepted.wave_id,
    waves.wave_id is not null as is_described,
    coalesce(waves.wave_status, 'open') <> 'closed' or shown.wave_id is not null as has_its_shares,
    -- Whoever was forgotten may have been all there were.
    coalesce(waves.wave_status, 'open') <> 'closed'
    or coalesce(waves.response_count, 0) > 0
    or accepted.was_forgotten as has_responses,
    coalesce(waves.wave_status, 'closed') <> 'open' or shown.wave_id is null as is_hidden_while_open
from accepted
left join marts_build.dim_wave as waves
    on accepted.survey_id = waves.survey_id and accepted.wave_id = waves.wave_id
left join shown
    on accepted.survey_id = shown.survey_id and accepted.wave_id = shown.wave_id
