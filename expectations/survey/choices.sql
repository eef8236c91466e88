-- One row a response and question that it answers and whose answers may contradict each other or the
-- skip logic: questions of other kinds and layouts cannot, unless they stand in a repeat. Responses that
-- corrections.csv excludes or a reviewer did not approve count nowhere, so here neither.
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

exclusive as (
    select options.question_id
    from options
    where options.is_exclusive
),

questions as (
    select
        content ->> 'question_id' as question_id,
        content ->> 'kind' as kind,
        content ->> 'layout' as layout,
        content ->> 'field' as field,
        (content ->> 'layout', content ->> 'kind') in (
            ('space_separated', 'single'),
            ('space_separated', 'scale'),
            ('column_per_option', 'single'),
            ('column_per_option', 'scale'),
            ('column_per_option', 'rank')
        )
        or content ->> 'question_id' in (select exclusive.question_id from exclusive)
        or content ->> 'question_id' in (select conditions.question_id from conditions)
        or content ->> 'question_id' in (select conditions.if_question_id from conditions) as is_at_risk
    from configured
    where file = 'questions' and content ->> 'layout' <> 'coded'
),

question_fields as (
    select
        questions.question_id,
        questions.kind,
        questions.layout,
        questions.is_at_risk,
        trim(part.field) as field,
        part.place
    from questions
    cross join
        lateral regexp_split_to_table(
            questions.field,
            case
                when questions.layout <> 'column_per_rank' then '$^'
                when strpos(questions.field, '||') > 0 then '\|\|'
                else '\|'
            end
        ) with ordinality as part (field, place)
    where questions.layout <> 'column_per_option'
),

-- The responses and every instance of their repeats, which are lists of objects.
objects as (
    select
        records.record_key,
        false as is_repeated,
        records.payload as fields
    from landing.judged_records as records
    where
        records.load_id = :load_id
        and not records.is_excluded
        and records.payload ->> '_validation_status' is distinct from 'validation_status_not_approved'
    union all
    select
        objects.record_key,
        true as is_repeated,
        instance.fields
    from objects
    cross join lateral jsonb_each(objects.fields) as member (field, value)
    cross join
        lateral jsonb_array_elements(
            case jsonb_typeof(member.value) when 'array' then member.value else '[]' end
        ) as instance (fields)
    where objects.fields @? '$.*[*].*' and jsonb_typeof(instance.fields) = 'object'
),

listed as (
    select
        objects.record_key,
        question_fields.question_id,
        question_fields.kind,
        options.option_id,
        answer.code,
        coalesce(options.is_exclusive, false) as is_exclusive,
        question_fields.layout = 'column_per_rank' and question_fields.place = 1 as is_first
    from objects
    inner join question_fields on objects.is_repeated or question_fields.is_at_risk
    cross join
        lateral regexp_split_to_table(
            trim(objects.fields ->> question_fields.field),
            case question_fields.layout when 'space_separated' then '\s+' else '$^' end
        ) as answer (code)
    left join options
        on question_fields.question_id = options.question_id and answer.code = options.code
    where answer.code <> ''
),

option_columns as (
    select
        questions.question_id,
        questions.kind,
        options.option_id,
        options.field,
        options.code,
        options.is_exclusive,
        questions.is_at_risk
    from questions
    inner join options on questions.question_id = options.question_id
    where questions.layout = 'column_per_option'
),

in_columns as (
    select
        objects.record_key,
        option_columns.question_id,
        option_columns.kind,
        option_columns.option_id,
        null::text as code,
        option_columns.is_exclusive,
        cell.value = '1' as is_first
    from objects
    inner join option_columns on objects.is_repeated or option_columns.is_at_risk
    cross join lateral trim(objects.fields ->> option_columns.field) as cell (value)
    where
        cell.value <> ''
        and option_columns.code in ('', cell.value)
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
