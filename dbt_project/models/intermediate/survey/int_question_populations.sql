with questions as (
    select * from {{ ref('stg_config__questions') }}
),

waves as (
    select * from {{ ref('int_waves_described') }}
    where response_count is not null
),

conditions as (
    select * from {{ ref('stg_config__conditions') }}
),

lists as (
    select * from {{ ref('int_lists_invited') }}
),

margins as (
    select
        survey_id,
        wave_id,
        segment_kind,
        segment_value,
        invited_count - coalesce(ineligible_count, 0) as eligible_count
    from {{ ref('stg_config__frame') }}
),

members as (
    select * from {{ ref('int_question_members') }}
),

asked_segments as (
    select distinct
        conditions.survey_id,
        conditions.wave_id,
        conditions.question_id,
        conditions.condition_number,
        if_questions.segment_kind,
        conditions.if_option_id as segment_value
    from conditions
    inner join questions as if_questions
        on
            conditions.survey_id = if_questions.survey_id
            and conditions.wave_id = if_questions.wave_id
            and conditions.if_question_id = if_questions.question_id
),

-- How many of the list meet two conditions at once is not known from its margins.
eligible_segments as (
    select
        asked_segments.survey_id,
        asked_segments.wave_id,
        asked_segments.question_id,
        case
            when
                count(distinct asked_segments.condition_number) = 1
                and count(*) = count(margins.eligible_count)
                then sum(margins.eligible_count)::integer
        end as eligible_count
    from asked_segments
    left join margins
        on
            asked_segments.survey_id = margins.survey_id
            and asked_segments.wave_id = margins.wave_id
            and asked_segments.segment_kind = margins.segment_kind
            and asked_segments.segment_value = margins.segment_value
    group by
        asked_segments.survey_id,
        asked_segments.wave_id,
        asked_segments.question_id
),

counted_members as (
    select
        survey_id,
        wave_id,
        question_id,
        count(*)::integer as base_count
    from members
    group by
        survey_id,
        wave_id,
        question_id
),

asked as (
    select
        questions.survey_id,
        questions.wave_id,
        questions.question_id,
        questions.kind,
        questions.is_sensitive,
        coalesce(counted_members.base_count, 0) as base_count,
        case
            when eligible_segments.question_id is null then lists.eligible_count
            else eligible_segments.eligible_count
        end as eligible_count
    from questions
    inner join waves
        on
            questions.survey_id = waves.survey_id
            and questions.wave_id = waves.wave_id
    left join lists
        on
            questions.survey_id = lists.survey_id
            and questions.wave_id = lists.wave_id
    left join eligible_segments
        on
            questions.survey_id = eligible_segments.survey_id
            and questions.wave_id = eligible_segments.wave_id
            and questions.question_id = eligible_segments.question_id
    left join counted_members
        on
            questions.survey_id = counted_members.survey_id
            and questions.wave_id = counted_members.wave_id
            and questions.question_id = counted_members.question_id
)

-- The list may know people by another role than they name themselves: then it says nothing.
select
    survey_id,
    wave_id,
    question_id,
    kind,
    is_sensitive,
    base_count,
    case when base_count <= eligible_count then eligible_count end as population_count
from asked
