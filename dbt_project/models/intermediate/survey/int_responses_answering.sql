with answers as (
    select * from {{ ref('stg_survey__answers') }}
),

uncoded_texts as (
    select * from {{ ref('stg_survey__texts_uncoded') }}
)

select
    survey_id,
    wave_id,
    response_id
from answers
union distinct
select
    survey_id,
    wave_id,
    response_id
from uncoded_texts
