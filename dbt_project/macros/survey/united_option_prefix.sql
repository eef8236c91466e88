{#- What the option_id begins with under which the options of one challenge stand united. -#}
{% macro united_option_prefix() -%}
    challenge_
{%- endmacro %}
