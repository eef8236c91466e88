{#-
    The values of one list for each public good of a month: from its bridge, `unknown` where the
    registry does not say, `none` where it says that there is none.
-#}
{% macro listed_values(dimension, bridge, value_column, count_column) -%}
select
    goods.source_id,
    goods.data_origin,
    goods.month_end,
    '{{ dimension }}' as dimension,
    coalesce(
        bridge.{{ value_column }}::text,
        case when goods.{{ count_column }} is null then 'unknown' else 'none' end
    ) as value
from goods
left join {{ bridge }} as bridge
    on goods.product_version_key = bridge.product_version_key
{%- endmacro %}
