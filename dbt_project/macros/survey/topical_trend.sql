{#-
    The rows of trend_answer_share on some themes, as a table of its own: a selection, never a
    second calculation. A row belongs where its option's challenge or its question has the theme.
-#}
{% macro topical_trend(themes) -%}
with shares as (
    select * from {{ ref('trend_answer_share') }}
)

select
    shares.*,
    'all'::text as segment_kind,
    'all'::text as segment_value,
    'All respondents'::text as segment_label
from shares
where
    shares.theme in ('{{ themes | join("', '") }}')
    or shares.question_theme in ('{{ themes | join("', '") }}')
{%- endmacro %}
