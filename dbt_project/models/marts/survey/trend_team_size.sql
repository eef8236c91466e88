with team_sizes as (
    {{ topical_trend(['team_size']) | indent(4) }}
)

-- A sum over sizes of which one is withheld would be too small, and one over unions too large.
select
    team_sizes.*,
    case
        when
            team_sizes.measure = 'first_choice'
            and team_sizes.segment_kind = 'all'
            and team_sizes.cell_status = 'published'
            and not team_sizes.is_derived
            and bool_and(team_sizes.cell_status in ('published', 'not_offered')) over up_to_this_size
            then (sum(team_sizes.chosen_count) over up_to_this_size)::double precision / team_sizes.base_count
    end as cumulative_share
from team_sizes
window
    up_to_this_size as (
        partition by
            team_sizes.survey_id,
            team_sizes.wave_id,
            team_sizes.question_id,
            team_sizes.measure,
            team_sizes.segment_kind,
            team_sizes.is_derived
        order by
            team_sizes.option_sort,
            team_sizes.option_id
    )
