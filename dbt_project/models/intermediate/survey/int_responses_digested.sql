with responses as (
    select * from {{ ref('int_responses_counted') }}
),

choices as (
    select * from {{ ref('int_choices') }}
),

answer_values as (
    select * from {{ ref('int_answer_values') }}
),

members as (
    select * from {{ ref('int_question_members') }}
),

-- Whatever a figure could depend on: who is in which base, who chose what, which number was given.
listed_facts as (
    select
        survey_id,
        wave_id,
        response_id,
        concat_ws(' ', 'base', question_id) as fact
    from members
    union all
    select
        survey_id,
        wave_id,
        response_id,
        concat_ws(' ', 'choice', question_id, measure, option_id) as fact
    from choices
    union all
    select
        survey_id,
        wave_id,
        response_id,
        concat_ws(' ', 'value', question_id, option_id, value) as fact
    from answer_values
)

select
    responses.survey_id,
    responses.wave_id,
    responses.response_id,
    md5(coalesce(string_agg(listed_facts.fact, e'\n' order by listed_facts.fact collate "C"), ''))
        as answers_digest
from responses
left join listed_facts
    on
        responses.survey_id = listed_facts.survey_id
        and responses.wave_id = listed_facts.wave_id
        and responses.response_id = listed_facts.response_id
group by
    responses.survey_id,
    responses.wave_id,
    responses.response_id
