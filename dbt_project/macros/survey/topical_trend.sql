{#-
    The rows of the two share tables on some themes, with the change since the wave before, as a table
    of its own: a selection, never a second calculation. A row belongs where its option's challenge or
    its question has the theme.
-#}
{% macro topical_trend(themes) -%}
with all_respondents as (
    select
        *,
        'all'::text as segment_kind,
        'all'::text as segment_value,
        'All respondents'::text as segment_label,
        0 as segment_sort,
        null::double precision as segment_p_value
    from {{ ref('trend_answer_share') }}
),

by_segment as (
    select * from {{ ref('trend_answer_share_by_segment') }}
),

shares as (
    select * from all_respondents
    union all
    select * from by_segment
),

changes as (
    select * from {{ ref('trend_change') }}
    where compared = 'waves' and is_adjacent
)

select
    shares.*,
    changes.base_wave_id,
    changes.change_points,
    changes.change_ci_low,
    changes.change_ci_high,
    changes.q_value,
    changes.detectable_points,
    changes.change_status
from shares
left join changes
    on
        shares.segment_kind = 'all'
        and shares.survey_id = changes.survey_id
        and shares.wave_id = changes.wave_id
        and shares.question_id = changes.question_id
        and shares.measure = changes.measure
        and shares.option_id = changes.option_id
where
    shares.theme in ('{{ themes | join("', '") }}')
    or shares.question_theme in ('{{ themes | join("', '") }}')
{%- endmacro %}
