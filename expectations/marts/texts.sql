-- How many rows of a mart hold what looks like an e-mail or an IP address of a person.
with texts as (
    select
        'dim_product' as mart,
        to_jsonb(m)::text as content
    from marts_build.dim_product as m
    union all
    select
        'trend_answer_share' as mart,
        to_jsonb(m)::text as content
    from marts_build.trend_answer_share as m
    union all
    select
        'dim_option' as mart,
        to_jsonb(m)::text as content
    from marts_build.dim_option as m
    union all
    select
        'dim_question' as mart,
        to_jsonb(m)::text as content
    from marts_build.dim_question as m
    union all
    select
        'dim_question_wave' as mart,
        to_jsonb(m)::text as content
    from marts_build.dim_question_wave as m
    union all
    select
        'trend_registry' as mart,
        to_jsonb(m)::text as content
    from marts_build.trend_registry as m
    union all
    select
        'published_figure' as mart,
        to_jsonb(m)::text as content
    from marts_build.published_figure as m
    union all
    select
        'bridge_product_origin_country' as mart,
        to_jsonb(m)::text as content
    from marts_build.bridge_product_origin_country as m
    union all
    select
        'bridge_product_deployment_country' as mart,
        to_jsonb(m)::text as content
    from marts_build.bridge_product_deployment_country as m
    union all
    select
        'bridge_product_licence' as mart,
        to_jsonb(m)::text as content
    from marts_build.bridge_product_licence as m
)

select
    mart,
    count(*) filter (
        where content ~ '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z]{2,}'
        or content
        ~ '(^|[^0-9.])((25[0-5]|2[0-4]\d|1?\d?\d)[.]){3}(25[0-5]|2[0-4]\d|1?\d?\d)([^0-9.]|$)'
    ) as address_count
from texts
group by mart
