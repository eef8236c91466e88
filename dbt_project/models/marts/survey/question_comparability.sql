with compared as (
    select * from {{ ref('int_questions_compared') }}
    where base_wave_id is not null
)

select
    {{ publish_id() }} as publish_id,
    compared.survey_id,
    compared.question_id,
    compared.wave_id,
    compared.base_wave_id,
    compared.grade,
    compared.note,
    compared.is_series_break,
    compared.comparable_run,
    compared.run_base_wave_id,
    compared.run_grade,
    compared.data_origin
from compared
