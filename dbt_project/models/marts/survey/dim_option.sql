with offered as (
    select * from {{ ref('int_options_offered') }}
),

steps as (
    select * from {{ ref('int_top_two_steps') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

challenges as (
    select * from {{ ref('stg_config__challenges') }}
),

united as (
    select * from {{ ref('int_options_united') }}
),

newest_labels as (
    select distinct on (offered.survey_id, offered.question_id, offered.option_id)
        offered.survey_id,
        offered.question_id,
        offered.option_id,
        offered.option_label,
        offered.option_sort,
        offered.challenge_id,
        waves.data_origin,
        false as is_derived
    from offered
    inner join waves
        on
            offered.survey_id = waves.survey_id
            and offered.wave_id = waves.wave_id
    order by
        offered.survey_id asc,
        offered.question_id asc,
        offered.option_id asc,
        waves.wave_number desc
),

top_two_options as (
    select distinct on (steps.survey_id, steps.question_id)
        steps.survey_id,
        steps.question_id,
        '{{ top_two_option() }}' as option_id,
        steps.steps_label as option_label,
        0 as option_sort,
        null as challenge_id,
        waves.data_origin,
        true as is_derived
    from steps
    inner join waves
        on
            steps.survey_id = waves.survey_id
            and steps.wave_id = waves.wave_id
    order by
        steps.survey_id asc,
        steps.question_id asc,
        waves.wave_number desc
),

united_options as (
    select
        united.survey_id,
        united.question_id,
        united.united_option_id as option_id,
        challenges.challenge_label || ' (any of its options)' as option_label,
        min(united.option_sort) as option_sort,
        united.challenge_id,
        (array_agg(waves.data_origin order by waves.wave_number desc))[1] as data_origin,
        true as is_derived
    from united
    inner join challenges
        on united.challenge_id = challenges.challenge_id
    inner join waves
        on
            united.survey_id = waves.survey_id
            and united.wave_id = waves.wave_id
    group by
        united.survey_id,
        united.question_id,
        united.united_option_id,
        challenges.challenge_label,
        united.challenge_id
),

-- What tables of segments unite, and what comparisons across changed options do.
collected_options as (
    select
        newest_labels.survey_id,
        newest_labels.question_id,
        united.option_id,
        united.option_label,
        united.option_sort,
        null as challenge_id,
        max(newest_labels.data_origin) as data_origin,
        true as is_derived
    from newest_labels
    cross join (
        values
        ('all_other', 'All other options', 9998),
        ('{{ other_options() }}', 'Options that only one of the waves offered', 9999)
    ) as united (option_id, option_label, option_sort)
    group by
        newest_labels.survey_id,
        newest_labels.question_id,
        united.option_id,
        united.option_label,
        united.option_sort
),

described as (
    select * from newest_labels
    union all
    select * from top_two_options
    union all
    select * from united_options
    union all
    select * from collected_options
)

select
    {{ publish_id() }} as publish_id,
    described.survey_id,
    described.question_id,
    described.option_id,
    described.option_label,
    described.option_sort,
    described.is_derived,
    described.challenge_id,
    challenges.challenge_label,
    challenges.parent_challenge_id,
    challenges.theme,
    challenges.challenge_sort,
    described.data_origin
from described
left join challenges
    on described.challenge_id = challenges.challenge_id
