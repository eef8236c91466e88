with challenges as (
    select * from {{ ref('stg_config__challenges') }}
)

select
    {{ publish_id() }} as publish_id,
    challenges.challenge_id,
    challenges.parent_challenge_id,
    challenges.theme,
    challenges.challenge_label,
    challenges.definition,
    challenges.challenge_sort
from challenges
