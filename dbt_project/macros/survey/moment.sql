{#-
    A text that begins as an ISO 8601 moment does, as a timestamp in UTC (without a zone it is UTC);
    null for any other text. By arithmetic instead of a cast, which would stop the build at a day that
    no calendar has.
-#}
{% macro moment(text) -%}
    case
        when {{ text }} ~ '^\d{4}-\d{2}-\d{2}'
            then
                ({{ text }}::varchar(4) || '-01-01')::timestamp
                + make_interval(
                    months => substr({{ text }}, 6, 2)::integer - 1,
                    days => substr({{ text }}, 9, 2)::integer - 1,
                    hours => coalesce(substring({{ text }} from '^.{10}[T ](\d{2}):\d{2}'), '0')::integer,
                    mins => coalesce(substring({{ text }} from '^.{10}[T ]\d{2}:(\d{2})'), '0')::integer,
                    secs => coalesce(
                        substring({{ text }} from '^.{10}[T ]\d{2}:\d{2}:(\d{2}(?:\.\d{1,9})?)'), '0'
                    )::double precision
                )
                - coalesce(substring({{ text }} from ':\d{2}(?:\.\d+)?([+-]\d{2}):?\d{2}$'), '0')::integer
                * interval '1 hour'
                - coalesce(
                    substring({{ text }} from ':\d{2}(?:\.\d+)?([+-])\d{2}:?\d{2}$')
                    || substring({{ text }} from ':\d{2}(?:\.\d+)?[+-]\d{2}:?(\d{2})$'),
                    '0'
                )::integer
                * interval '1 minute'
    end
{%- endmacro %}
