with counts as (
    select * from {{ ref('int_option_counts') }}
),

-- Of a sensitive question everything is shown or nothing: options that are hidden one by one can
-- be computed from the others.
found_small_cells as (
    select
        survey_id,
        wave_id,
        question_id,
        bool_or(
            chosen_count < {{ min_cell() }} or base_count - chosen_count < {{ min_cell() }}
        ) as has_small_cell
    from counts
    group by
        survey_id,
        wave_id,
        question_id
)

select
    counts.*,
    case
        when counts.base_count < {{ min_base() }} then 'too_few'
        when counts.is_sensitive and found_small_cells.has_small_cell then 'too_few'
        else 'published'
    end as cell_status
from counts
inner join found_small_cells
    on
        counts.survey_id = found_small_cells.survey_id
        and counts.wave_id = found_small_cells.wave_id
        and counts.question_id = found_small_cells.question_id
