{#-
    How many days the middles of two field times may lie apart in the year and still be of one season.
    Half a quarter: answers about funding follow budget years, which close by quarter.
-#}
{% macro season_days() -%}
    45
{%- endmacro %}
