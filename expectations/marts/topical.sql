with topical as (
    select
        'trend_financing' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_financing
    union all
    select
        'trend_scaling_challenge' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_scaling_challenge
    union all
    select
        'trend_technical_challenge' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_technical_challenge
    union all
    select
        'trend_team_size' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_team_size
    union all
    select
        'trend_support_need' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_support_need
    union all
    select
        'trend_community_interest' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_community_interest
    union all
    select
        'trend_offering_value' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_offering_value
    union all
    select
        'trend_implementer_concern' as mart,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high
    from marts_build.trend_implementer_concern
)

select
    topical.mart,
    topical.wave_id,
    topical.question_id,
    topical.measure,
    topical.option_id,
    coalesce(
        topical.segment_kind <> 'all'
        or (topical.base_count, topical.chosen_count, topical.share, topical.ci_low, topical.ci_high)
        is not distinct from (
            shares.base_count, shares.chosen_count, shares.share, shares.ci_low, shares.ci_high
        )
        and shares.option_id is not null,
        false
    ) as is_selected
from topical
left join marts_build.trend_answer_share as shares
    on
        topical.survey_id = shares.survey_id
        and topical.wave_id = shares.wave_id
        and topical.question_id = shares.question_id
        and topical.measure = shares.measure
        and topical.option_id = shares.option_id
