-- How many rows of a mart hold what looks like an address of a person. `git@host` is where a repository
-- is, and four numbers with dots are a version as often as an IP address: in what owners say of their
-- products the one is no address, the other not looked for.
with mart as (
    select
        bool_or(column_name in ('product_version_key', 'source_format'))
        and not bool_or(column_name = 'survey_id') as is_of_products
    from information_schema.columns
    where table_schema = 'marts_build' and table_name = '{{ mart }}'
),

texts as (
    select regexp_replace(published::text, '\mgit@', '', 'g') as content
    from marts_build.{{ mart }} as published
)

select
    '{{ mart }}' as mart,
    count(*) filter (
        where texts.content ~ '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z]{2,}'
        or (
            not mart.is_of_products
            and texts.content
            ~ '(^|[^0-9.])((25[0-5]|2[0-4]\d|1?\d?\d)[.]){3}(25[0-5]|2[0-4]\d|1?\d?\d)([^0-9.]|$)'
        )
    ) as address_count
from texts
cross join mart
