-- Every row of a topical mart, with whether it is a row of the table that it is a selection of.
with shares as (
    select
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        'all' as segment_kind,
        'all' as segment_value,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high,
        cell_status
    from marts_build.trend_answer_share
    union all
    select
        survey_id,
        wave_id,
        question_id,
        measure,
        option_id,
        segment_kind,
        segment_value,
        base_count,
        chosen_count,
        share,
        ci_low,
        ci_high,
        cell_status
    from marts_build.trend_answer_share_by_segment
)

select
    '{{ mart }}' as mart,
    topical.wave_id,
    topical.question_id,
    topical.measure,
    topical.option_id,
    topical.segment_value,
    shares.option_id is not null
    and coalesce(topical.base_count, -1) = coalesce(shares.base_count, -1)
    and coalesce(topical.chosen_count, -1) = coalesce(shares.chosen_count, -1)
    and coalesce(topical.share, -1) = coalesce(shares.share, -1)
    and coalesce(topical.ci_low, -1) = coalesce(shares.ci_low, -1)
    and coalesce(topical.ci_high, -1) = coalesce(shares.ci_high, -1)
    and topical.cell_status = shares.cell_status as is_selected
from marts_build.{{ mart }} as topical
left join shares
    on
        topical.survey_id = shares.survey_id
        and topical.wave_id = shares.wave_id
        and topical.question_id = shares.question_id
        and topical.measure = shares.measure
        and topical.option_id = shares.option_id
        and topical.segment_kind = shares.segment_kind
        and topical.segment_value = shares.segment_value
