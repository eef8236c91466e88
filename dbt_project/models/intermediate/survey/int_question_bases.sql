select
    survey_id,
    wave_id,
    question_id,
    kind,
    is_sensitive,
    population_count,
    base_count
from {{ ref('int_question_populations') }}
