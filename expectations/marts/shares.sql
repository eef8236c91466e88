with shares as (
    select
        'all' as segment_kind,
        'all' as segment_value,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        publish_id,
        frame_count,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high,
        bound_low,
        bound_high,
        share_text,
        rank_in_question,
        exceeds_half,
        weighted_share,
        rank_low,
        cell_status,
        share_band
    from marts_build.trend_answer_share
    union all
    select
        segment_kind,
        segment_value,
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        publish_id,
        frame_count,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high,
        bound_low,
        bound_high,
        share_text,
        rank_in_question,
        exceeds_half,
        weighted_share,
        rank_low,
        cell_status,
        share_band
    from marts_build.trend_answer_share_by_segment
)

select
    survey_id,
    wave_id,
    question_id,
    measure,
    option_id,
    segment_kind,
    segment_value,
    publish_id = :build_id as is_of_this_build,
    share is null
    or coalesce(ci_low <= share and share <= ci_high and ci_low >= 0 and ci_high <= 1, false)
        as interval_holds_share,
    bound_low is null or (bound_low <= share + 1e-12 and share <= bound_high + 1e-12) as bounds_hold_share,
    share is null or coalesce(abs(share * base_count - chosen_count) < 1e-9, false) as is_count_over_base,
    base_count is null or frame_count is null or base_count <= frame_count as base_is_within_frame,
    case cell_status
        when 'published' then share is not null and share_band is null
        else num_nonnulls(
            chosen_count, share, ci_low, ci_high, bound_low, bound_high, share_text, rank_in_question,
            exceeds_half, weighted_share, rank_low
        ) = 0 and (cell_status = 'banded' or num_nonnulls(base_count, share_band) = 0)
    end as hides_what_it_must
from shares
