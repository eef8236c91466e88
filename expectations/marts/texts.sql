-- How many rows of a mart hold what looks like an address of a person. `git@host` is where a
-- repository is, and four numbers with dots are a version as often as an IP address: in what
-- owners say of their products the one is no address, the other not looked for.
with texts as (
    select
        'trend_answer_share' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.trend_answer_share as m
    union all
    select
        'dim_option' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_option as m
    union all
    select
        'dim_option_wave' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_option_wave as m
    union all
    select
        'dim_question' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_question as m
    union all
    select
        'dim_question_wave' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_question_wave as m
    union all
    select
        'dim_segment' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_segment as m
    union all
    select
        'dim_wave' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_wave as m
    union all
    select
        'question_comparability' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.question_comparability as m
    union all
    select
        'trend_answer_share_by_segment' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.trend_answer_share_by_segment as m
    union all
    select
        'trend_change' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.trend_change as m
    union all
    select
        'published_figure' as mart,
        true as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.published_figure as m
    union all
    select
        'dim_product' as mart,
        false as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.dim_product as m
    union all
    select
        'trend_registry' as mart,
        false as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.trend_registry as m
    union all
    select
        'bridge_product_licence' as mart,
        false as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.bridge_product_licence as m
    union all
    select
        'bridge_product_origin_country' as mart,
        false as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.bridge_product_origin_country as m
    union all
    select
        'bridge_product_deployment_country' as mart,
        false as is_of_a_survey,
        replace(to_jsonb(m)::text, 'git@', '') as content
    from marts_build.bridge_product_deployment_country as m
)

select
    mart,
    count(*) filter (
        where content ~ '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z]{2,}'
        or (
            is_of_a_survey
            and content
            ~ '(^|[^0-9.])((25[0-5]|2[0-4]\d|1?\d?\d)[.]){3}(25[0-5]|2[0-4]\d|1?\d?\d)([^0-9.]|$)'
        )
    ) as address_count
from texts
group by mart
