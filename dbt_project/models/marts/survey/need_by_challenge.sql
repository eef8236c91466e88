with needs as (
    select * from {{ source('figures', 'released_needs') }}
),

waves as (
    select * from {{ ref('dim_wave') }}
),

questions as (
    select * from {{ ref('dim_question') }}
),

options as (
    select * from {{ ref('dim_option') }}
)

select
    {{ publish_id() }} as publish_id,
    needs.survey_id,
    needs.wave_id,
    waves.wave_label,
    waves.wave_number,
    needs.challenge_question_id,
    needs.challenge_option_id,
    challenge_options.option_label as challenge_option_label,
    challenge_options.option_sort as challenge_option_sort,
    challenge_options.challenge_id,
    needs.question_id,
    questions.question_label,
    needs.option_id,
    options.option_label,
    options.option_sort,
    needs.base_count,
    needs.chosen_count,
    needs.chosen_count::double precision / needs.base_count as share,
    case
        when needs.chosen_count is not null
            then {{ wilson_limit('needs.chosen_count', 'needs.base_count', -1) }}
    end as ci_low,
    case
        when needs.chosen_count is not null
            then {{ wilson_limit('needs.chosen_count', 'needs.base_count', 1) }}
    end as ci_high,
    needs.cell_status,
    needs.share_band,
    waves.data_origin
from needs
inner join waves
    on
        needs.survey_id = waves.survey_id
        and needs.wave_id = waves.wave_id
inner join questions
    on
        needs.survey_id = questions.survey_id
        and needs.question_id = questions.question_id
inner join options
    on
        needs.survey_id = options.survey_id
        and needs.question_id = options.question_id
        and needs.option_id = options.option_id
inner join options as challenge_options
    on
        needs.survey_id = challenge_options.survey_id
        and needs.challenge_question_id = challenge_options.question_id
        and needs.challenge_option_id = challenge_options.option_id
