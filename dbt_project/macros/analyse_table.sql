{#- Statistics for the planner as soon as a table is built: the next model joins it at once. -#}
{% macro analyse_table(relation, materialized) -%}
    {%- if materialized in ('table', 'incremental') -%} analyze {{ relation }} {%- endif -%}
{%- endmacro %}
