-- One row a response and question that it answers: whether its answers agree with each other and with
-- the skip logic. Responses that corrections.csv excludes or a reviewer did not approve count nowhere,
-- so here neither.
with recursive load as (
    select
        loads.load_id,
        loads.source_id,
        loads.wave_id,
        loads.config_hash
    from ops.loads as loads
    where loads.load_id = :load_id
),

configured as (
    select
        configuration.file,
        configuration.content
    from load
    inner join ops.configuration_rows as configuration
        on
            load.source_id = configuration.source_id
            and load.config_hash = configuration.config_hash
            and load.wave_id = configuration.content ->> 'wave_id'
    where configuration.file in ('questions', 'options', 'conditions')
),

questions as (
    select
        content ->> 'question_id' as question_id,
        content ->> 'kind' as kind,
        content ->> 'layout' as layout,
        content ->> 'field' as field
    from configured
    where file = 'questions' and content ->> 'layout' <> 'coded'
),

options as (
    select
        content ->> 'question_id' as question_id,
        content ->> 'option_id' as option_id,
        content ->> 'field' as field,
        content ->> 'code' as code,
        (content ->> 'is_exclusive')::boolean as is_exclusive
    from configured
    where file = 'options'
),

conditions as (
    select
        content ->> 'question_id' as question_id,
        (content ->> 'condition_number')::integer as condition_number,
        content ->> 'if_question_id' as if_question_id,
        content ->> 'if_option_id' as if_option_id
    from configured
    where file = 'conditions'
),

question_fields as (
    select
        questions.question_id,
        questions.kind,
        questions.layout,
        trim(part.field) as field,
        part.place
    from questions
    cross join
        lateral regexp_split_to_table(
            questions.field, case questions.layout when 'column_per_rank' then '\|' else '$^' end
        ) with ordinality as part (field, place)
    where questions.layout <> 'column_per_option'
),

-- The responses and every instance of their repeats, which are lists of objects.
objects as (
    select
        records.record_key,
        records.payload as fields
    from landing.judged_records as records
    where
        records.load_id = :load_id
        and not records.is_excluded
        and records.payload ->> '_validation_status' is distinct from 'validation_status_not_approved'
    union all
    select
        objects.record_key,
        instance.fields
    from objects
    cross join lateral jsonb_each(objects.fields) as member (field, value)
    cross join
        lateral jsonb_array_elements(
            case jsonb_typeof(member.value) when 'array' then member.value else '[]' end
        ) as instance (fields)
    where objects.fields @? '$.*[*].*' and jsonb_typeof(instance.fields) = 'object'
),

cells as (
    select
        objects.record_key,
        member.field,
        trim(member.value) as value
    from objects
    cross join lateral jsonb_each_text(objects.fields) as member (field, value)
    where trim(member.value) <> ''
),

listed as (
    select
        cells.record_key,
        question_fields.question_id,
        question_fields.kind,
        options.option_id,
        answer.code,
        coalesce(options.is_exclusive, false) as is_exclusive,
        question_fields.layout = 'column_per_rank' and question_fields.place = 1 as is_first
    from cells
    inner join question_fields on cells.field = question_fields.field
    cross join
        lateral regexp_split_to_table(
            cells.value, case question_fields.layout when 'space_separated' then '\s+' else '$^' end
        ) as answer (code)
    left join options
        on question_fields.question_id = options.question_id and answer.code = options.code
),

in_columns as (
    select
        cells.record_key,
        questions.question_id,
        questions.kind,
        options.option_id,
        null::text as code,
        options.is_exclusive,
        cells.value = '1' as is_first
    from cells
    inner join options on cells.field = options.field and options.code in ('', cells.value)
    inner join questions
        on options.question_id = questions.question_id and questions.layout = 'column_per_option'
),

marks as (
    select * from listed
    union all
    select * from in_columns
),

answered as (
    select
        record_key,
        question_id,
        kind,
        min(option_id) as least_option,
        max(option_id) as greatest_option,
        min(code) as least_code,
        max(code) as greatest_code,
        min(option_id) filter (where is_first) as least_first_option,
        max(option_id) filter (where is_first) as greatest_first_option,
        bool_or(is_exclusive) as is_exclusive
    from marks
    group by
        record_key,
        question_id,
        kind
),

unmet as (
    select
        answered.record_key,
        answered.question_id
    from answered
    inner join conditions on answered.question_id = conditions.question_id
    left join marks
        on
            answered.record_key = marks.record_key
            and conditions.if_question_id = marks.question_id
            and conditions.if_option_id = marks.option_id
    group by
        answered.record_key,
        answered.question_id
    having
        count(distinct conditions.condition_number)
        > count(distinct conditions.condition_number) filter (where marks.option_id is not null)
)

select
    answered.record_key,
    answered.question_id,
    answered.kind not in ('single', 'scale')
    or coalesce(answered.least_option = answered.greatest_option, true) as is_one_choice,
    answered.kind <> 'number'
    or coalesce(answered.least_code = answered.greatest_code, true) as is_one_number,
    answered.kind <> 'rank'
    or coalesce(answered.least_first_option = answered.greatest_first_option, true) as is_one_first_rank,
    not answered.is_exclusive
    or coalesce(answered.least_option = answered.greatest_option, true) as is_nothing_beside_none,
    unmet.record_key is null as is_shown
from answered
left join unmet
    on answered.record_key = unmet.record_key and answered.question_id = unmet.question_id
