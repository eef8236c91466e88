{#- Below this base nothing of a cell is published. The pipeline passes its setting on. -#}
{% macro min_base() -%}
    {{ env_var('DPGW_MIN_BASE', '10') | int }}
{%- endmacro %}

{#- Fewer choosers or non-choosers than this are a small cell. -#}
{% macro min_cell() -%}
    {{ env_var('DPGW_MIN_CELL', '3') | int }}
{%- endmacro %}
