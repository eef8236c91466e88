with observed as (
    select * from {{ ref('int_responses_observed') }}
),

pulls as (
    select * from {{ ref('stg_survey__pulls') }}
),

numbered as (
    select
        *,
        (
            count(*) filter (where is_first or is_restored or is_edited) over (
                partition by survey_id, wave_id, response_id
                order by pull_number
            )
        )::integer as version_no
    from observed
),

versions as (
    select
        survey_id,
        wave_id,
        response_id,
        version_no,
        min(as_of) as valid_from,
        max(pull_number) as last_pull_number,
        bool_or(is_edited) as is_edit,
        bool_or(is_restored) as is_restoration,
        (array_agg(load_id order by pull_number))[1] as first_load_id,
        (array_agg(load_id order by pull_number desc))[1] as last_load_id,
        (array_agg(answers_hash order by pull_number desc))[1] as answers_hash,
        (array_agg(form_version order by pull_number desc))[1] as form_version
    from numbered
    group by
        survey_id,
        wave_id,
        response_id,
        version_no
),

ended as (
    select
        versions.*,
        next_pulls.as_of as valid_to,
        lead(versions.valid_from) over (
            partition by versions.survey_id, versions.wave_id, versions.response_id
            order by versions.version_no
        ) as next_valid_from
    from versions
    left join pulls as next_pulls
        on
            versions.survey_id = next_pulls.survey_id
            and versions.wave_id = next_pulls.wave_id
            and versions.last_pull_number + 1 = next_pulls.pull_number
)

select
    survey_id,
    wave_id,
    response_id,
    version_no,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    coalesce(valid_to < coalesce(next_valid_from, 'infinity'), false) as is_deleted,
    is_edit,
    is_restoration,
    first_load_id,
    last_load_id,
    answers_hash,
    form_version
from ended
