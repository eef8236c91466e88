-- Changes between waves, held against the shares that they compare.
select
    changes.survey_id,
    changes.wave_id,
    changes.question_id,
    changes.measure,
    changes.option_id,
    changes.change_points is null
    or changes.compared <> 'waves'
    or changes.comparison = 'collapsed'
    or coalesce(
        abs(changes.change_points - 100 * (shares.share - base_shares.share)) < 1e-6
        and changes.change_ci_low <= changes.change_points + 1e-9
        and changes.change_points <= changes.change_ci_high + 1e-9,
        false
    ) as is_difference,
    changes.change_points is null
    or (
        waves.data_origin = base_waves.data_origin
        and changes.comparison <> 'not_compared'
    ) as compares_like
from marts_build.trend_change as changes
inner join marts_build.dim_wave as waves
    on changes.survey_id = waves.survey_id and changes.wave_id = waves.wave_id
inner join marts_build.dim_wave as base_waves
    on changes.survey_id = base_waves.survey_id and changes.base_wave_id = base_waves.wave_id
left join marts_build.trend_answer_share as shares
    on
        changes.survey_id = shares.survey_id
        and changes.wave_id = shares.wave_id
        and changes.question_id = shares.question_id
        and changes.measure = shares.measure
        and changes.option_id = shares.option_id
left join marts_build.trend_answer_share as base_shares
    on
        changes.survey_id = base_shares.survey_id
        and changes.base_wave_id = base_shares.wave_id
        and changes.question_id = base_shares.question_id
        and changes.measure = base_shares.measure
        and changes.option_id = base_shares.option_id
