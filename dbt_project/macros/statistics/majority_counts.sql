{#-
    The fewest choosers that show a majority, exactly: of `base_count` answers, drawn from a population
    of unknown size, so many or more would choose in at most 2.5 % of draws if half of it did. A select
    over `cells` (a relation or a CTE with that column), one row per distinct base that is large enough.

    One half is its own mirror image: k or more choosers are as likely as n - k or fewer, and the
    chance of each count follows from the one before it, C(n, j) = C(n, j - 1) (n - j + 1) / j.
    Wilson's lower limit alone would be above one half in up to 3.9 % of such draws.
    Checked against scipy in tests/golden.
-#}
{% macro majority_counts(cells, ci_level=0.95) -%}
with distinct_bases as (
    select distinct cells.base_count from {{ cells }} as cells
),

chances as (
    -- exp() raises an error where it underflows, hence the floor.
    select
        distinct_bases.base_count,
        j as at_most,
        exp(greatest(
            -700,
            sum(case when j > 0 then ln((distinct_bases.base_count - j + 1)::double precision / j) else 0 end)
                over early
            - distinct_bases.base_count * ln(2::double precision)
        )) as chance
    from distinct_bases
    cross join lateral generate_series(0, distinct_bases.base_count) as j
    window early as (
        partition by distinct_bases.base_count
        order by j
    )
),

tails as (
    select
        base_count,
        at_most,
        sum(chance) over (
            partition by base_count
            order by at_most
        ) as tail
    from chances
)

select
    base_count,
    base_count - max(at_most) as majority_count
from tails
where tail <= (1 - {{ ci_level }}::double precision) / 2
group by base_count
{%- endmacro %}
