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

-- A question's codes in one object: looking a code up is cheaper than joining every cell to options.
coded_options as (
    select
        survey_id,
        wave_id,
        question_id,
        jsonb_object_agg(code, option_id) as option_of_code
    from options
    where code <> ''
    group by
        survey_id,
        wave_id,
        question_id
),

question_fields as (
    select
        questions.survey_id,
        questions.wave_id,
        questions.question_id,
        questions.kind,
        questions.layout,
        coded_options.option_of_code,
        part.field,
        case when questions.layout = 'column_per_rank' then part.place::integer end as place
    from questions
    left join coded_options
        on
            questions.survey_id = coded_options.survey_id
            and questions.wave_id = coded_options.wave_id
            and questions.question_id = coded_options.question_id
    cross join
        lateral regexp_split_to_table(
            questions.field, {{ field_separator('questions') }}
        ) with ordinality as part (field, place)
    where questions.layout in ('value', 'space_separated', 'column_per_rank')
),

recoded_cells as (
    select
        objects.survey_id,
        objects.wave_id,
        objects.response_id,
        question_fields.question_id,
        question_fields.kind,
        question_fields.option_of_code ->> chosen.code as option_id,
        coalesce(question_fields.place, chosen.place::integer) as place,
        chosen.code
    from objects
    inner join question_fields
        on
            objects.survey_id = question_fields.survey_id
            and objects.wave_id = question_fields.wave_id
    cross join
        lateral regexp_split_to_table(
            trim(objects.fields ->> question_fields.field),
            case question_fields.layout when 'space_separated' then '\s+' else '$^' end
        ) with ordinality as chosen (code, place)
    where chosen.code <> ''
),

option_columns as (
    select
        questions.survey_id,
        questions.wave_id,
        questions.question_id,
        questions.kind,
        options.option_id,
        options.field,
        options.code
    from questions
    inner join options
        on
            questions.survey_id = options.survey_id
            and questions.wave_id = options.wave_id
            and questions.question_id = options.question_id
    where questions.layout = 'column_per_option'
),

recoded_option_columns as (
    -- Of a rank with a column for each option, the cell holds the place.
    select
        objects.survey_id,
        objects.wave_id,
        objects.response_id,
        option_columns.question_id,
        option_columns.kind,
        option_columns.option_id,
        case
            when option_columns.kind = 'rank' and cell.value ~ '^[0-9]{1,4}$' then cell.value::integer
        end as place,
        cell.value as code
    from objects
    inner join option_columns
        on
            objects.survey_id = option_columns.survey_id
            and objects.wave_id = option_columns.wave_id
    cross join lateral trim(objects.fields ->> option_columns.field) as cell (value)
    where
        cell.value <> ''
        and option_columns.code in ('', cell.value)
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
