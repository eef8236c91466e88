{{ config(materialized='table') }}

with recursive responses as (
    select * from {{ ref('stg_survey__responses') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

options as (
    select * from {{ ref('stg_config__options') }}
),

codings as (
    select * from {{ ref('stg_config__codings') }}
),

-- The response itself and every instance of its repeats, which are lists of objects. Their keys are
-- full paths, so that a field is found under the same name wherever it stands.
objects as (
    select
        responses.survey_id,
        responses.wave_id,
        responses.response_id,
        responses.payload as fields
    from responses
    union all
    select
        objects.survey_id,
        objects.wave_id,
        objects.response_id,
        instance.fields
    from objects
    cross join lateral jsonb_each(objects.fields) as member (field, value)
    cross join
        lateral jsonb_array_elements(
            case jsonb_typeof(member.value) when 'array' then member.value else '[]' end
        ) as instance (fields)
    where
        objects.fields @? '$.*[*].*'
        and jsonb_typeof(instance.fields) = 'object'
),

cells as (
    select
        objects.survey_id,
        objects.wave_id,
        objects.response_id,
        member.field,
        trim(member.value) as value
    from objects
    cross join lateral jsonb_each_text(objects.fields) as member (field, value)
    where trim(member.value) <> ''
),

question_fields as (
    select
        questions.survey_id,
        questions.wave_id,
        questions.question_id,
        questions.kind,
        questions.layout,
        part.field,
        case when questions.layout = 'column_per_rank' then part.place::integer end as place
    from questions
    cross join
        lateral regexp_split_to_table(
            questions.field,
            case questions.layout when 'column_per_rank' then '\s*\|\s*' else '$^' end
        ) with ordinality as part (field, place)
    where questions.layout in ('value', 'space_separated', 'column_per_rank')
),

split_cells as (
    select
        cells.survey_id,
        cells.wave_id,
        cells.response_id,
        question_fields.question_id,
        question_fields.kind,
        coalesce(question_fields.place, chosen.place::integer) as place,
        chosen.code
    from cells
    inner join question_fields
        on
            cells.survey_id = question_fields.survey_id
            and cells.wave_id = question_fields.wave_id
            and cells.field = question_fields.field
    cross join
        lateral regexp_split_to_table(
            cells.value,
            case question_fields.layout when 'space_separated' then '\s+' else '$^' end
        ) with ordinality as chosen (code, place)
),

recoded_cells as (
    select
        split_cells.survey_id,
        split_cells.wave_id,
        split_cells.response_id,
        split_cells.question_id,
        split_cells.kind,
        options.option_id,
        split_cells.place,
        split_cells.code
    from split_cells
    left join options
        on
            split_cells.survey_id = options.survey_id
            and split_cells.wave_id = options.wave_id
            and split_cells.question_id = options.question_id
            and split_cells.code = options.code
),

recoded_option_columns as (
    -- Of a rank with a column for each option, the cell holds the place.
    select
        cells.survey_id,
        cells.wave_id,
        cells.response_id,
        questions.question_id,
        questions.kind,
        options.option_id,
        case
            when questions.kind = 'rank' and cells.value ~ '^[0-9]{1,4}$' then cells.value::integer
        end as place,
        cells.value as code
    from cells
    inner join options
        on
            cells.survey_id = options.survey_id
            and cells.wave_id = options.wave_id
            and cells.field = options.field
    inner join questions
        on
            options.survey_id = questions.survey_id
            and options.wave_id = questions.wave_id
            and options.question_id = questions.question_id
    where
        questions.layout = 'column_per_option'
        and options.code in ('', cells.value)
),

found_in_texts as (
    select
        responses.survey_id,
        responses.wave_id,
        responses.response_id,
        questions.question_id,
        questions.kind,
        codings.option_id,
        null::integer as place,
        null::text as code
    from responses
    inner join codings
        on
            responses.survey_id = codings.survey_id
            and responses.wave_id = codings.wave_id
            and responses.response_id = codings.response_id
    inner join questions
        on
            codings.survey_id = questions.survey_id
            and codings.wave_id = questions.wave_id
            and codings.question_id = questions.question_id
),

recoded as (
    select * from recoded_cells
    union all
    select * from recoded_option_columns
    union all
    select * from found_in_texts
)

select
    survey_id,
    wave_id,
    response_id,
    question_id,
    kind,
    option_id,
    case when kind = 'rank' then min(place) end as rank_position,
    case
        when kind = 'number' and min(code) ~ '^[+-]?[0-9]{1,15}([.][0-9]{1,15})?$'
            then min(code)::double precision
    end as number_value,
    case when kind = 'text' then min(code) end as text_value
from recoded
group by
    survey_id,
    wave_id,
    response_id,
    question_id,
    kind,
    option_id
