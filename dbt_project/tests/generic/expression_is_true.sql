{#- Fails for each row for which `expression` is false; unknown passes, as in a check constraint. -#}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
