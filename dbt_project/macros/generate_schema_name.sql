{#- Folders map to schemas by their own names; a prefix puts an as-of build beside the main one. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{- env_var('DPGW_DBT_SCHEMA_PREFIX', '') ~ (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
