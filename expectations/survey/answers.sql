-- One row a distinct field and code of the load's closed and numeric questions. A code that isn't in
-- options.csv is named in the verdict, since nobody could mend the list without it: if it looks like
-- a code, or if several respondents chose it. A text that one or two gave may be their own words.
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
    where configuration.file in ('questions', 'options')
),

options as (
    select
        content ->> 'question_id' as question_id,
        content ->> 'option_id' as option_id,
        content ->> 'field' as field,
        content ->> 'code' as code
    from configured
    where file = 'options'
),

-- How many places a rank has, a place for each option where nothing else is said.
place_counts as (
    select
        questions.content ->> 'question_id' as question_id,
        coalesce((questions.content ->> 'place_count')::integer, count(distinct options.option_id))
            as place_count
    from configured as questions
    inner join options on questions.content ->> 'question_id' = options.question_id
    where
        questions.file = 'questions'
        and questions.content ->> 'kind' = 'rank'
    group by questions.content
),

question_fields as (
    select
        questions.content ->> 'question_id' as question_id,
        questions.content ->> 'kind' as kind,
        questions.content ->> 'layout' as layout,
        trim(part.field) as field
    from configured as questions
    cross join
        lateral regexp_split_to_table(
            questions.content ->> 'field',
            case
                when questions.content ->> 'layout' <> 'column_per_rank' then '$^'
                when strpos(questions.content ->> 'field', '||') > 0 then '\|\|'
                else '\|'
            end
        ) as part (field)
    where
        questions.file = 'questions'
        and questions.content ->> 'layout' in ('value', 'space_separated', 'column_per_rank')
        and questions.content ->> 'kind' <> 'text'
    union all
    select distinct
        questions.content ->> 'question_id' as question_id,
        questions.content ->> 'kind' as kind,
        questions.content ->> 'layout' as layout,
        options.field
    from configured as questions
    inner join options on questions.content ->> 'question_id' = options.question_id
    where questions.file = 'questions' and questions.content ->> 'layout' = 'column_per_option'
),

-- The responses and every instance of their repeats, which are lists of objects.
objects as (
    select
        records.record_key,
        records.payload as fields
    from landing.judged_records as records
    where records.load_id = :load_id
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

answers as (
    select
        question_fields.question_id,
        question_fields.kind,
        question_fields.layout,
        question_fields.field,
        answer.code,
        max(answer.place) as greatest_place,
        count(distinct objects.record_key) as response_count
    from objects
    cross join question_fields
    cross join
        lateral regexp_split_to_table(
            trim(objects.fields ->> question_fields.field),
            case question_fields.layout when 'space_separated' then '\s+' else '$^' end
        ) with ordinality as answer (code, place)
    where answer.code <> ''
    group by
        question_fields.question_id,
        question_fields.kind,
        question_fields.layout,
        question_fields.field,
        answer.code
),

judged as (
    select
        *,
        layout = 'column_per_option' and kind in ('single', 'multiple', 'scale') and lower(code) in (
            '0', 'no', 'false', 'n'
        ) as says_no,
        -- Of a column for each option the cell is the place, of codes in one cell their order is.
        case
            when kind <> 'rank' or layout = 'column_per_rank' then null
            when layout = 'space_separated' then greatest_place
            when code ~ '^[1-9][0-9]{0,3}$' then code::bigint
        end as place
    from answers
)

select
    judged.question_id,
    judged.field,
    case
        when judged.code ~ '^[A-Za-z0-9_./-]{1,30}$' or judged.response_count >= 3
            then left(judged.code, 60)
        else '(a text of ' || length(judged.code) || ' characters)'
    end as code,
    judged.kind <> 'number' or judged.code ~ '^[+-]?[0-9]{1,15}([.][0-9]{1,15})?$' as is_number,
    judged.kind <> 'rank'
    or judged.layout <> 'column_per_option'
    or judged.place is not null as is_place,
    coalesce(judged.place <= place_counts.place_count, true) as is_place_asked_for,
    judged.says_no and exists (
        select 1
        from options
        where
            options.question_id = judged.question_id
            and options.field = judged.field
            and options.code = ''
    ) as is_no_taken_for_yes,
    judged.kind = 'number' or judged.says_no or exists (
        select 1
        from options
        where
            options.question_id = judged.question_id
            and (
                case judged.layout
                    when 'column_per_option'
                        then options.field = judged.field and options.code in ('', judged.code)
                    else options.code = judged.code
                end
            )
    ) as is_mapped
from judged
left join place_counts on judged.question_id = place_counts.question_id
