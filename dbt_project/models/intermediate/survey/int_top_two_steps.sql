with offered as (
    select * from {{ ref('int_options_offered') }}
    where is_in_top_two
)

select
    survey_id,
    wave_id,
    question_id,
    string_agg(option_label, ' / ' order by scale_value desc, option_sort asc) as steps_label
from offered
group by
    survey_id,
    wave_id,
    question_id
