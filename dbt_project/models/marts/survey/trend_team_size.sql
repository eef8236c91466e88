with team_sizes as (
    {{ topical_trend(['team_size']) | indent(4) }}
)

select
    team_sizes.*,
    case
        when
            team_sizes.measure = 'first_choice'
            and team_sizes.segment_kind = 'all'
            and team_sizes.cell_status = 'published'
            then
                (
                    sum(team_sizes.chosen_count) over (
                        partition by
                            team_sizes.survey_id,
                            team_sizes.wave_id,
                            team_sizes.question_id,
                            team_sizes.measure,
                            team_sizes.segment_kind
                        order by
                            team_sizes.option_sort,
                            team_sizes.option_id
                    )
                )::double precision / team_sizes.base_count
    end as cumulative_share
from team_sizes
