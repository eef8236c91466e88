with published_figures as (
    select * from {{ ref('stg_config__published_figures') }}
)

select
    {{ publish_id() }} as publish_id,
    published_figures.survey_id,
    published_figures.figure_number,
    published_figures.wave_id,
    published_figures.question_id,
    published_figures.claim,
    published_figures.value_text,
    published_figures.n_text,
    published_figures.source,
    'collected' as data_origin
from published_figures
