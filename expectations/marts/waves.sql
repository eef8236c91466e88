with accepted as (
    select distinct
        source_id as survey_id,
        wave_id
    from ops.build_inputs
    where build_id = :build_id and wave_id is not null
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
    coalesce(waves.wave_status, 'open') <> 'closed' or coalesce(waves.response_count, 0) > 0 as has_responses,
    coalesce(waves.wave_status, 'closed') <> 'open' or shown.wave_id is null as is_hidden_while_open
from accepted
left join marts_build.dim_wave as waves
    on accepted.survey_id = waves.survey_id and accepted.wave_id = waves.wave_id
left join shown
    on accepted.survey_id = shown.survey_id and accepted.wave_id = shown.wave_id
