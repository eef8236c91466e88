{{ config(materialized='table') }}

with responses as (
    select * from {{ ref('stg_survey__responses') }}
),

questions as (
    select * from {{ ref('stg_config__questions') }}
),

options as (
    select * from {{ ref('stg_config__options') }}
),

asked as (
    select
        responses.survey_id,
        responses.wave_id,
        responses.response_id,
        responses.payload,
        questions.question_id,
        questions.kind,
        questions.layout,
        questions.field
    from responses
    inner join questions
        on
            responses.survey_id = questions.survey_id
            and responses.wave_id = questions.wave_id
),

read_values as (
    select
        asked.*,
        null::integer as place,
        asked.payload ->> asked.field as code
    from asked
    where asked.layout = 'value'
),

split_lists as (
    select
        asked.*,
        chosen.place::integer as place,
        chosen.code
    from asked
    cross join
        lateral regexp_split_to_table(asked.payload ->> asked.field, '\s+')
        with ordinality as chosen (code, place)
    where asked.layout = 'space_separated'
),

read_rank_columns as (
    select
        asked.*,
        rank_column.place::integer as place,
        asked.payload ->> rank_column.field as code
    from asked
    cross join
        lateral regexp_split_to_table(asked.field, '\s*\|\s*')
        with ordinality as rank_column (field, place)
    where asked.layout = 'column_per_rank'
),

read_cells as (
    select * from read_values
    union all
    select * from split_lists
    union all
    select * from read_rank_columns
),

recoded_cells as (
    select
        read_cells.survey_id,
        read_cells.wave_id,
        read_cells.response_id,
        read_cells.question_id,
        read_cells.kind,
        options.option_id,
        read_cells.place,
        read_cells.code
    from read_cells
    left join options
        on
            read_cells.survey_id = options.survey_id
            and read_cells.wave_id = options.wave_id
            and read_cells.question_id = options.question_id
            and read_cells.code = options.code
    where read_cells.code <> ''
),

recoded_option_columns as (
    -- Of a rank with a column for each option, the cell holds the place.
    select
        asked.survey_id,
        asked.wave_id,
        asked.response_id,
        asked.question_id,
        asked.kind,
        options.option_id,
        case
            when asked.kind = 'rank' and asked.payload ->> options.field ~ '^[0-9]{1,4}$'
                then (asked.payload ->> options.field)::integer
        end as place,
        asked.payload ->> options.field as code
    from asked
    inner join options
        on
            asked.survey_id = options.survey_id
            and asked.wave_id = options.wave_id
            and asked.question_id = options.question_id
    where
        asked.layout = 'column_per_option'
        and asked.payload ->> options.field <> ''
        and (options.code = '' or asked.payload ->> options.field = options.code)
),

recoded as (
    select * from recoded_cells
    union all
    select * from recoded_option_columns
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
