{#- A theme's identifier as people read it: `support_need` is `Support need`. -#}
{% macro theme_label(theme) -%}
    concat(upper(left({{ theme }}, 1)), replace(substr({{ theme }}, 2), '_', ' '))
{%- endmacro %}
