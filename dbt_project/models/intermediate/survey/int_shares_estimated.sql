with cells as (
    select * from {{ source('figures', 'released_shares') }}
    where cell_status = 'published' and base_count > 0
),

finite_cells as (
    select * from cells
    where population_count >= base_count
),

exact_intervals as (
    {{ hypergeometric_intervals('finite_cells') | indent(4) }}
),

majority_counts as (
    {{ majority_counts('cells') | indent(4) }}
),

with_intervals as (
    select
        cells.survey_id,
        cells.wave_id,
        cells.question_id,
        cells.measure,
        cells.option_id,
        cells.segment_kind,
        cells.segment_value,
        exact_intervals.population_count,
        cells.base_count,
        cells.chosen_count,
        cells.chosen_count::double precision / cells.base_count as share,
        coalesce(
            exact_intervals.ci_low,
            {{ wilson_limit('cells.chosen_count', 'cells.base_count', -1) }}
        ) as ci_low,
        coalesce(
            exact_intervals.ci_high,
            {{ wilson_limit('cells.chosen_count', 'cells.base_count', 1) }}
        ) as ci_high,
        majority_counts.majority_count
    from cells
    left join exact_intervals
        on
            cells.population_count = exact_intervals.population_count
            and cells.base_count = exact_intervals.base_count
            and cells.chosen_count = exact_intervals.chosen_count
    left join majority_counts
        on cells.base_count = majority_counts.base_count
)

select
    *,
    case when population_count is null then 'wilson' else 'hypergeometric_exact' end as ci_method,
    case
        when population_count is null
            then
                'Response at random from a large population of unknown size: '
                || base_count || ' answers.'
        else
            'Response at random: the ' || base_count || ' who answered are as good as drawn from the '
            || population_count || ' eligible people invited.'
    end as interval_assumption,
    chosen_count::double precision / population_count as bound_low,
    (chosen_count + population_count - base_count)::double precision / population_count as bound_high,
    case
        when population_count is null then coalesce(chosen_count >= majority_count, false)
        else ci_low > 0.5
    end as exceeds_half,
    base_count < 30 or ci_high - ci_low >= 0.3 as is_low_reliability
from with_intervals
