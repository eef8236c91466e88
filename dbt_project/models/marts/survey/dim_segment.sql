with questions as (
    select * from {{ ref('stg_config__questions') }}
    where segment_kind is not null
),

offered as (
    select * from {{ ref('int_options_offered') }}
),

waves as (
    select * from {{ ref('stg_config__waves') }}
),

newest_labels as (
    select distinct on (questions.segment_kind, offered.option_id)
        questions.segment_kind,
        offered.option_id as segment_value,
        offered.option_label as segment_label,
        offered.option_sort as segment_sort
    from questions
    inner join offered
        on
            questions.survey_id = offered.survey_id
            and questions.wave_id = offered.wave_id
            and questions.question_id = offered.question_id
    inner join waves
        on
            questions.survey_id = waves.survey_id
            and questions.wave_id = waves.wave_id
    order by
        questions.segment_kind asc,
        offered.option_id asc,
        waves.opened_on desc,
        questions.survey_id asc
),

-- Who did not say to which segment they belong.
known_labels as (
    select * from newest_labels
    union all
    select
        segment_kind,
        'unknown' as segment_value,
        'Unknown' as segment_label,
        max(segment_sort) + 1 as segment_sort
    from newest_labels
    group by segment_kind
    having not bool_or(segment_value = 'unknown')
),

-- Groups that are too small to be shown alone are merged, in each wave as its answers require.
merged as (
    select distinct
        segment_kind,
        segment_value,
        segment_parts
    from {{ source('figures', 'released_shares') }}
    where cardinality(segment_parts) > 1
),

merged_labels as (
    select
        merged.segment_kind,
        merged.segment_value,
        string_agg(known_labels.segment_label, ' / ' order by part.place) as segment_label,
        min(known_labels.segment_sort) as segment_sort
    from merged
    cross join lateral unnest(merged.segment_parts) with ordinality as part (segment_value, place)
    inner join known_labels
        on
            merged.segment_kind = known_labels.segment_kind
            and part.segment_value = known_labels.segment_value
    group by
        merged.segment_kind,
        merged.segment_value
),

segments as (
    select
        'all' as segment_kind,
        'all' as segment_value,
        'All respondents' as segment_label,
        0 as segment_sort,
        false as is_merged
    union all
    select
        known_labels.*,
        false as is_merged
    from known_labels
    union all
    select
        merged_labels.*,
        true as is_merged
    from merged_labels
)

select
    {{ publish_id() }} as publish_id,
    segments.segment_kind,
    segments.segment_value,
    segments.segment_label,
    segments.segment_sort,
    segments.is_merged
from segments
