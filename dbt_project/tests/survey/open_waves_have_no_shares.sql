-- Answers of a wave are published after it has closed.
with shares as (
    select * from {{ ref('trend_answer_share') }}
),

waves as (
    select * from {{ ref('dim_wave') }}
)

select
    shares.survey_id,
    shares.wave_id
from shares
inner join waves
    on
        shares.survey_id = waves.survey_id
        and shares.wave_id = waves.wave_id
where waves.wave_status <> 'closed'
