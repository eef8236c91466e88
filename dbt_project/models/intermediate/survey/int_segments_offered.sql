with questions as (
    select * from {{ ref('stg_config__questions') }}
    where segment_kind is not null and kind in ('single', 'scale') and not is_sensitive
),

options as (
    select * from {{ ref('int_options_offered') }}
),

invited as (
    select * from {{ ref('stg_config__frame') }}
)

-- Groups whose options all have a step can be put in an order; a small one then joins its neighbour.
select
    questions.survey_id,
    questions.wave_id,
    questions.segment_kind,
    questions.question_id,
    options.option_id as segment_value,
    options.option_label as segment_label,
    options.option_sort as segment_sort,
    options.scale_value is not null as is_ordinal,
    invited.invited_count,
    invited.bounced_count,
    invited.ineligible_count
from questions
inner join options
    on
        questions.survey_id = options.survey_id
        and questions.wave_id = options.wave_id
        and questions.question_id = options.question_id
left join invited
    on
        questions.survey_id = invited.survey_id
        and questions.wave_id = invited.wave_id
        and questions.segment_kind = invited.segment_kind
        and options.option_id = invited.segment_value
