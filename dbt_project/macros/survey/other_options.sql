{#-
    The option_id under which the options that only one of two waves offered stand together, where a
    single choice or a rank is compared after its options changed.
-#}
{% macro other_options() -%}
    other_options
{%- endmacro %}
