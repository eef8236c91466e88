{#- Fails for each value outside `at_least` … `at_most`, both inclusive; null passes. -#}
{% test within_range(model, column_name, at_least='-infinity', at_most='infinity') %}
select {{ column_name }}
from {{ model }}
where
    {{ column_name }}::double precision < '{{ at_least }}'::double precision
    or {{ column_name }}::double precision > '{{ at_most }}'::double precision
{% endtest %}
