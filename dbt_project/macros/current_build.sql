{#-
    The id of the build that is running, as a scalar subquery: the newest one of the target. It is
    read from the database, since a changed `--vars` would make dbt parse the whole project again.
    For staging models; everything after them calls publish_id().
-#}
{% macro current_build_id() -%}
    (
        select max(newest_build.build_id)
        from {{ source('ops', 'builds') }} as newest_build
        where newest_build.target = '{{ target.name }}'
    )
{%- endmacro %}

{#- The publish_id of every row of every mart: the id of the build that made it. -#}
{% macro publish_id() -%}
    (select current_build.build_id from {{ ref('stg_ops__current_build') }} as current_build)
{%- endmacro %}
