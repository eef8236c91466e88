-- Changes between waves, held against the shares that they compare and against what is said of the
-- question in each wave on the way: the comparison that the change states for itself is not trusted.
with changes as (
    select * from marts_build.trend_change
),

waves as (
    select * from marts_build.dim_wave
),

asked as (
    select distinct
        survey_id,
        wave_id,
        question_id,
        kind
    from marts_build.dim_question_wave
),

shares as (
    select * from marts_build.trend_answer_share
),

-- A wave's grade is against the last wave that asked the question. Shares of a single choice or a rank
-- whose options changed may be compared only once both waves are collapsed to the common ones.
steps as (
    select
        grades.survey_id,
        grades.question_id,
        waves.wave_number,
        waves.data_origin,
        asked.kind,
        case
            when grades.grade in ('identical', 'reworded') then 0
            when grades.grade = 'options_changed' and asked.kind = 'multiple' then 0
            when grades.grade = 'options_changed' and asked.kind in ('single', 'rank') then 1
            else 2
        end as breach
    from marts_build.question_comparability as grades
    inner join waves
        on grades.survey_id = waves.survey_id and grades.wave_id = waves.wave_id
    inner join asked
        on
            grades.survey_id = asked.survey_id
            and grades.wave_id = asked.wave_id
            and grades.question_id = asked.question_id
),

pairs as (
    select distinct
        survey_id,
        question_id,
        base_wave_id,
        wave_id
    from changes
    where change_points is not null
),

judged as (
    select
        pairs.survey_id,
        pairs.question_id,
        pairs.base_wave_id,
        pairs.wave_id,
        case
            when bool_and(steps.kind = asked.kind and steps.data_origin = base_waves.data_origin)
                then max(steps.breach)
        end as breach
    from pairs
    inner join waves as base_waves
        on pairs.survey_id = base_waves.survey_id and pairs.base_wave_id = base_waves.wave_id
    inner join waves
        on pairs.survey_id = waves.survey_id and pairs.wave_id = waves.wave_id
    inner join asked
        on
            pairs.survey_id = asked.survey_id
            and pairs.base_wave_id = asked.wave_id
            and pairs.question_id = asked.question_id
    inner join steps
        on
            pairs.survey_id = steps.survey_id
            and pairs.question_id = steps.question_id
            and base_waves.wave_number < steps.wave_number
            and waves.wave_number >= steps.wave_number
    group by
        pairs.survey_id,
        pairs.question_id,
        pairs.base_wave_id,
        pairs.wave_id
)

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
    or coalesce(judged.breach = 0 or (judged.breach = 1 and changes.comparison = 'collapsed'), false)
        as compares_like
from changes
left join judged
    on
        changes.survey_id = judged.survey_id
        and changes.question_id = judged.question_id
        and changes.base_wave_id = judged.base_wave_id
        and changes.wave_id = judged.wave_id
left join shares
    on
        changes.survey_id = shares.survey_id
        and changes.wave_id = shares.wave_id
        and changes.question_id = shares.question_id
        and changes.measure = shares.measure
        and changes.option_id = shares.option_id
left join shares as base_shares
    on
        changes.survey_id = base_shares.survey_id
        and changes.base_wave_id = base_shares.wave_id
        and changes.question_id = base_shares.question_id
        and changes.measure = base_shares.measure
        and changes.option_id = base_shares.option_id
