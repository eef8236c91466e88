{#-
    One limit of Wilson's 95 % score interval for `chosen` of `base`, which are SQL expressions;
    `side` is -1 for the lower limit and 1 for the upper one. For populations of unknown size.
    The interval holds the share, which rounding would undo at 0 and 1: hence the outer comparison.
    Checked against scipy in tests/golden.
-#}
{% macro wilson_limit(chosen, base, side) -%}
{%- set z = 1.959963984540054 -%}
{%- set share = '(' ~ chosen ~ ')::double precision / (' ~ base ~ ')' -%}
    {{ 'least' if side < 0 else 'greatest' }}({{ share }}, (
        {{ share }} + {{ z * z }} / (2 * ({{ base }}))
        + {{ side }} * {{ z }} * sqrt(
            {{ share }} * (1 - {{ share }}) / ({{ base }})
            + {{ z * z }} / (4 * ({{ base }})::double precision * ({{ base }}))
        )
    ) / (1 + {{ z * z }} / ({{ base }})))
{%- endmacro %}
