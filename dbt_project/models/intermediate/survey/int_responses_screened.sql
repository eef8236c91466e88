with versions as (
    select * from {{ ref('int_response_versions') }}
),

responses as (
    select * from {{ ref('stg_survey__responses') }}
),

answering as (
    select * from {{ ref('int_responses_answering') }}
),

corrections as (
    select * from {{ ref('stg_config__corrections') }}
    where action = 'exclude'
),

ever_seen as (
    select
        survey_id,
        wave_id,
        response_id,
        min(valid_from) as first_seen_on,
        bool_or(is_edit) as is_edited,
        bool_or(is_current) as is_current
    from versions
    group by
        survey_id,
        wave_id,
        response_id
),

excluded_responses as (
    select distinct
        survey_id,
        wave_id,
        response_id
    from corrections
),

judged_alone as (
    select
        ever_seen.survey_id,
        ever_seen.wave_id,
        ever_seen.response_id,
        ever_seen.first_seen_on,
        ever_seen.is_edited,
        responses.link_id,
        responses.is_complete,
        responses.submitted_at,
        responses.form_version,
        case
            when not ever_seen.is_current then 'deleted'
            when excluded_responses.response_id is not null then 'excluded'
            when responses.validation_status = 'validation_status_not_approved' then 'not_approved'
            when answering.response_id is null then 'blank'
        end as left_out_alone
    from ever_seen
    left join responses
        on
            ever_seen.survey_id = responses.survey_id
            and ever_seen.wave_id = responses.wave_id
            and ever_seen.response_id = responses.response_id
    left join answering
        on
            ever_seen.survey_id = answering.survey_id
            and ever_seen.wave_id = answering.wave_id
            and ever_seen.response_id = answering.response_id
    left join excluded_responses
        on
            ever_seen.survey_id = excluded_responses.survey_id
            and ever_seen.wave_id = excluded_responses.wave_id
            and ever_seen.response_id = excluded_responses.response_id
),

-- Of one respondent's answers to a wave the latest counts; one that is left out is no candidate.
ordered_per_respondent as (
    select
        survey_id,
        wave_id,
        response_id,
        row_number() over (
            partition by survey_id, wave_id, link_id
            order by
                {{ moment('submitted_at') | indent(16) }} desc nulls last,
                submitted_at desc nulls last,
                first_seen_on desc,
                response_id desc
        ) as place
    from judged_alone
    where
        left_out_alone is null
        and link_id is not null
)

select
    judged_alone.survey_id,
    judged_alone.wave_id,
    judged_alone.response_id,
    judged_alone.first_seen_on,
    judged_alone.is_edited,
    judged_alone.link_id,
    judged_alone.is_complete,
    judged_alone.submitted_at,
    judged_alone.form_version,
    case
        when judged_alone.left_out_alone is not null then judged_alone.left_out_alone
        when ordered_per_respondent.place > 1 then 'duplicate'
    end as left_out_reason
from judged_alone
left join ordered_per_respondent
    on
        judged_alone.survey_id = ordered_per_respondent.survey_id
        and judged_alone.wave_id = ordered_per_respondent.wave_id
        and judged_alone.response_id = ordered_per_respondent.response_id
