{#-
    Exact confidence intervals for the share of a finite population: of `population_count` people
    `base_count` answered, and `chosen_count` of these chose. A select over `cells` (a relation or a
    CTE with these three columns), one row per distinct combination, with `ci_low` and `ci_high`.

    The limits invert the two one-sided hypergeometric tests. With K choosers among all N, the lower
    limit is the smallest K for which P(X >= k) exceeds (1 - level) / 2. As choosers are added one
    by one, that tail grows by the chance that the j-th is drawn as exactly the k-th chooser:

        P(X >= k | K) = sum over j < K of  C(j, k - 1) C(N - 1 - j, n - k) / C(N, n)

    so that one running sum over j gives the tail for every K, without a search. Those who did not
    choose are a hypergeometric count too: the upper limit is N less the lower limit of n - k.
    Checked against exact integers and scipy in tests/golden.
-#}
{% macro hypergeometric_intervals(cells, ci_level=0.95) -%}
with distinct_cells as (
    select distinct
        cells.population_count,
        cells.base_count,
        cells.chosen_count
    from {{ cells }} as cells
    where cells.base_count between 1 and cells.population_count
),

sides as (
    select
        population_count,
        base_count,
        chosen_count as at_least
    from distinct_cells
    union
    select
        population_count,
        base_count,
        base_count - chosen_count as at_least
    from distinct_cells
),

log_factorials as (
    -- Element i + 1 is ln(i!). Summed as numeric: a sum of doubles would lose digits.
    select array_agg(summed.log_factorial order by summed.i) as of_i
    from (
        select
            i,
            (sum(ln(greatest(i, 1)::numeric)) over (order by i))::double precision as log_factorial
        from generate_series(0, (select max(population_count) from sides)) as i
    ) as summed
),

weighed_steps as materialized (
    -- Materialized: else the whole array of factorials is carried through the sort of `tails`.
    select
        sides.population_count,
        sides.base_count,
        sides.at_least,
        j,
        -- exp() raises an error where it underflows, hence the floor.
        exp(greatest(
            -700,
            ln_choose.early + ln_choose.late
            - of_i[sides.population_count + 1]
            + of_i[sides.base_count + 1]
            + of_i[sides.population_count - sides.base_count + 1]
        )) as weight
    from sides
    cross join log_factorials
    cross join lateral generate_series(
        sides.at_least - 1,
        sides.population_count - 1 - sides.base_count + sides.at_least
    ) as j
    cross join lateral (
        select
            of_i[j + 1] - of_i[sides.at_least] - of_i[j - sides.at_least + 2] as early,
            of_i[sides.population_count - j]
            - of_i[sides.base_count - sides.at_least + 1]
            - of_i[sides.population_count - j - sides.base_count + sides.at_least] as late
    ) as ln_choose
    where sides.at_least > 0
),

tails as (
    select
        population_count,
        base_count,
        at_least,
        j + 1 as chooser_count,
        sum(weight) over (
            partition by population_count, base_count, at_least
            order by j
            rows unbounded preceding
        ) as tail
    from weighed_steps
),

lower_limits as (
    -- The addend keeps a tail that equals the level exactly from passing by a rounding error.
    select
        population_count,
        base_count,
        at_least,
        min(chooser_count) as lower_count
    from tails
    where tail > (1 - {{ ci_level }}::double precision) / 2 + 1e-11
    group by
        population_count,
        base_count,
        at_least
)

select
    distinct_cells.population_count,
    distinct_cells.base_count,
    distinct_cells.chosen_count,
    coalesce(chosen.lower_count, 0)::double precision
    / distinct_cells.population_count as ci_low,
    (distinct_cells.population_count - coalesce(not_chosen.lower_count, 0))::double precision
    / distinct_cells.population_count as ci_high
from distinct_cells
left join lower_limits as chosen
    on
        distinct_cells.population_count = chosen.population_count
        and distinct_cells.base_count = chosen.base_count
        and distinct_cells.chosen_count = chosen.at_least
left join lower_limits as not_chosen
    on
        distinct_cells.population_count = not_chosen.population_count
        and distinct_cells.base_count = not_chosen.base_count
        and distinct_cells.base_count - distinct_cells.chosen_count = not_chosen.at_least
{%- endmacro %}
