{#-
    Fails for each row whose [valid_from, valid_to) is empty, or reaches into the next one of the
    same `keys`.
-#}
{% test intervals_do_not_overlap(model, keys, valid_from='valid_from', valid_to='valid_to') %}
with followed as (
    select
        *,
        lead({{ valid_from }}) over (
            partition by {{ keys | join(', ') }}
            order by {{ valid_from }}
        ) as next_from
    from {{ model }}
)

select *
from followed
where
    {{ valid_to }} <= {{ valid_from }}
    or (next_from is not null and ({{ valid_to }} is null or {{ valid_to }} > next_from))
{% endtest %}
