with compared as (
    select * from {{ ref('int_waves_compared') }}
)

select
    {{ publish_id() }} as publish_id,
    compared.survey_id,
    compared.wave_id,
    compared.aspect,
    compared.base_wave_id,
    compared.grade,
    compared.note,
    compared.data_origin
from compared
