with configuration_rows as (
    select * from {{ ref('stg_config__rows') }}
)

-- Every survey's configuration holds the taxonomy that all surveys share.
select distinct
    configuration_rows.content ->> 'challenge_id' as challenge_id,
    configuration_rows.content ->> 'parent_challenge_id' as parent_challenge_id,
    configuration_rows.content ->> 'theme' as theme,
    configuration_rows.content ->> 'label' as challenge_label,
    configuration_rows.content ->> 'definition' as definition,
    (configuration_rows.content ->> 'sort')::integer as challenge_sort
from configuration_rows
where configuration_rows.file = 'challenges'
