{#-
    The regular expression that stands between the fields of a question: `|` between the places of a
    rank, or `||` where names hold a `|` themselves, as those of several header rows do. A question of
    another layout has one field, whatever is in its name.
-#}
{% macro field_separator(questions) -%}
    case
        when {{ questions }}.layout <> 'column_per_rank' then '$^'
        when strpos({{ questions }}.field, '||') > 0 then '\s*\|\|\s*'
        else '\s*\|\s*'
    end
{%- endmacro %}
