-- What the attacker of dpg_warehouse/disclosure made of each table of the marts, and whether he looked
-- at it in this build.
with shown_tables as (
    select
        survey_id,
        wave_id,
        question_id,
        'all' as segment_kind
    from marts_build.trend_answer_share
    where cell_status not in ('not_asked', 'not_offered')
    union distinct
    select
        survey_id,
        wave_id,
        question_id,
        segment_kind
    from marts_build.trend_answer_share_by_segment
    union distinct
    select
        survey_id,
        wave_id,
        question_id,
        'named_' || challenge_option_id as segment_kind
    from marts_build.need_by_challenge
),

audited as (
    select * from intermediate.disclosure_audit
)

select
    coalesce(shown_tables.survey_id, audited.survey_id) as survey_id,
    coalesce(shown_tables.wave_id, audited.wave_id) as wave_id,
    coalesce(shown_tables.question_id, audited.question_id) as question_id,
    coalesce(shown_tables.segment_kind, audited.segment_kind) as segment_kind,
    coalesce(audited.build_id = :build_id, false) as is_audited,
    coalesce(audited.small_count, 0) as small_count,
    coalesce(audited.recoverable_count, 0) as recoverable_count
from shown_tables
full join audited
    on
        shown_tables.survey_id = audited.survey_id
        and shown_tables.wave_id = audited.wave_id
        and shown_tables.question_id = audited.question_id
        and shown_tables.segment_kind = audited.segment_kind
