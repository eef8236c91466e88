{#- A share with its interval as people read it: `65 % (51–77)`, in whole percents. -#}
{% macro share_text(share, low, high) -%}
    concat(
        round(({{ share }} * 100)::numeric), ' % (',
        round(({{ low }} * 100)::numeric), '–',
        round(({{ high }} * 100)::numeric), ')'
    )
{%- endmacro %}
