with options as (
    select * from {{ ref('stg_config__options') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

-- Several codes, of several languages for example, may stand for one option.
offered as (
    select
        options.survey_id,
        options.wave_id,
        options.question_id,
        options.option_id,
        questions.kind,
        min(options.option_label) as option_label,
        min(options.option_sort) as option_sort,
        min(options.challenge_id) as challenge_id,
        max(options.scale_value) as scale_value,
        bool_or(options.is_exclusive) as is_exclusive
    from options
    inner join questions
        on
            options.survey_id = questions.survey_id
            and options.wave_id = questions.wave_id
            and options.question_id = questions.question_id
    group by
        options.survey_id,
        options.wave_id,
        options.question_id,
        options.option_id,
        questions.kind
)

select
    *,
    kind = 'scale'
    and scale_value is not null
    and dense_rank() over (
        partition by survey_id, wave_id, question_id
        order by scale_value desc nulls last
    ) <= 2 as is_in_top_two
from offered
