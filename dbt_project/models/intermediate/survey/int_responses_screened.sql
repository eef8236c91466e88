with responses as (
    select * from {{ ref('stg_survey__responses') }}
),

corrections as (
    select * from {{ ref('stg_config__corrections') }}
    where action = 'exclude'
),

excluded_responses as (
    select distinct
        survey_id,
        wave_id,
        response_id
    from corrections
),

screened as (
    select
        responses.survey_id,
        responses.wave_id,
        responses.response_id,
        responses.is_complete,
        case
            when excluded_responses.response_id is not null then 'excluded'
            when responses.validation_status = 'validation_status_not_approved' then 'not_approved'
        end as left_out_reason
    from responses
    left join excluded_responses
        on
            responses.survey_id = excluded_responses.survey_id
            and responses.wave_id = excluded_responses.wave_id
            and responses.response_id = excluded_responses.response_id
)

select * from screened
