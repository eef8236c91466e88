{#- The option_id under which a scale's two highest steps together stand. -#}
{% macro top_two_option() -%}
    top_two
{%- endmacro %}
