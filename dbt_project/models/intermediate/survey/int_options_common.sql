with pairs as (
    select * from {{ ref('int_question_pairs') }}
    where comparison = 'collapsed'
),

options as (
    select distinct
        survey_id,
        wave_id,
        question_id,
        option_id
    from {{ ref('stg_config__options') }}
),

offered as (
    select
        pairs.survey_id,
        pairs.question_id,
        pairs.base_wave_id,
        pairs.wave_id,
        options.option_id,
        bool_or(options.wave_id = pairs.base_wave_id) as is_in_base,
        bool_or(options.wave_id = pairs.wave_id) as is_in_wave
    from pairs
    inner join options
        on
            pairs.survey_id = options.survey_id
            and pairs.question_id = options.question_id
            and options.wave_id in (pairs.base_wave_id, pairs.wave_id)
    group by
        pairs.survey_id,
        pairs.question_id,
        pairs.base_wave_id,
        pairs.wave_id,
        options.option_id
),

united as (
    select
        *,
        case when is_in_base and is_in_wave then option_id else '{{ other_options() }}' end
            as common_option_id
    from offered
)

-- What only one of the waves offered has nothing on the other side to be compared with.
select
    *,
    bool_or(is_in_base) over common_option and bool_or(is_in_wave) over common_option as is_in_both
from united
window common_option as (
    partition by survey_id, question_id, base_wave_id, wave_id, common_option_id
)
