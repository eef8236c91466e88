{#- A text without the blanks, line ends and no-break spaces around it; an empty one is null. -#}
{% macro trimmed(text) -%}
    nullif(btrim({{ text }}, e' \t\r\n\u00a0'), '')
{%- endmacro %}

{#-
    The distinct texts of a JSON list, sorted, without blanks. A list that is absent is null
    (unknown); the registry writes an empty list as [], [""] or "", and each becomes '{}'.
-#}
{% macro text_list(list) -%}
    case
        when coalesce(jsonb_typeof({{ list }}), 'null') <> 'null'
            then array(
                select distinct {{ trimmed('elements.element') }} as element
                from
                    jsonb_array_elements_text(
                        case jsonb_typeof({{ list }})
                            when 'array' then {{ list }}
                            else jsonb_build_array({{ list }})
                        end
                    ) as elements (element)
                where {{ trimmed('elements.element') }} is not null
                order by 1
            )
    end
{%- endmacro %}

{#- null for a list that is empty: of what every product has, "none given" means unknown. -#}
{% macro unknown_if_empty(list) -%}
    nullif({{ list }}, '{}')
{%- endmacro %}

{#-
    The goals' numbers from all shapes that they have had: [[3, "label"]], [{"SDGNumber": 3}],
    [{"sdg": "SDG3: label"}] and ["SDG3: label"]. Only the number is read: labels come in several
    encodings.
-#}
{% macro sdg_numbers(list) -%}
    array(
        select distinct substring(mentions.mention from '^\s*(?:SDG)?\s*(\d{1,2})')::smallint as sdg_number
        from jsonb_array_elements(
            case jsonb_typeof({{ list }}) when 'array' then {{ list }} else '[]' end
        ) as elements (element)
        cross join lateral (
            select coalesce(
                elements.element ->> 'SDGNumber',
                elements.element ->> 'sdg',
                elements.element ->> 0,
                elements.element #>> '{}'
            ) as mention
        ) as mentions
        where mentions.mention ~ '^\s*(?:SDG)?\s*\d'
        order by 1
    )
{%- endmacro %}

{#- A web address without blanks and closing slashes, scheme and host in lower case. -#}
{% macro normalised_address(text) -%}
    regexp_replace(
        lower(substring({{ trimmed(text) }} from '^(?:[A-Za-z]+://)?[^/]*'))
        || substring({{ trimmed(text) }} from '^(?:[A-Za-z]+://)?[^/]*(.*)$'),
        '/+$', ''
    )
{%- endmacro %}

{#-
    The addresses of repositories in a JSON list of texts. One text may hold several, among words;
    scheme, www., closing slash and .git are left out, so that one repository has one spelling.
-#}
{% macro repository_addresses(list) -%}
    array(
        select distinct
            lower(substring(found.address from '^[^/]*'))
            || regexp_replace(substring(found.address from '^[^/]*(.*)$'), '(\.git)?/*$', '') as address
        from jsonb_array_elements_text({{ list }}) as elements (element)
        cross join lateral (
            select (regexp_matches(
                elements.element,
                '(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[^\s,;<>"]*)?)',
                'gi'
            ))[1] as address
        ) as found
        order by 1
    )
{%- endmacro %}
