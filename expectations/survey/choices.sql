-- One row a response and question that allows one choice, or one first rank. Responses that
-- corrections.csv excludes or a reviewer did not approve count nowhere, so here neither.
with load as (
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
    where configuration.file in ('questions', 'options', 'corrections')
),

questions as (
    select
        content ->> 'question_id' as question_id,
        content ->> 'kind' as kind,
        content ->> 'layout' as layout,
        content ->> 'field' as field
    from configured
    where file = 'questions' and content ->> 'kind' in ('single', 'scale', 'rank')
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

members as (
    select
        payloads.record_key,
        payloads.payload
    from load
    inner join landing.memberships as memberships
        on load.source_id = memberships.source_id and load.load_id = memberships.load_id
    cross join lateral unnest(memberships.payload_nos) as member (payload_no)
    inner join landing.payloads as payloads
        on load.source_id = payloads.source_id and member.payload_no = payloads.payload_no
    where
        payloads.record_type = 'record'
        and payloads.payload ->> '_validation_status' is distinct from 'validation_status_not_approved'
        and payloads.record_key not in (
            select content ->> 'record_key' from configured
            where file = 'corrections'
        )
),

listed as (
    select
        members.record_key,
        questions.question_id,
        questions.kind,
        options.option_id,
        false as is_first
    from members
    inner join questions on members.payload ? questions.field
    cross join
        lateral regexp_split_to_table(trim(members.payload ->> questions.field), '\s+') as answer (code)
    inner join options on questions.question_id = options.question_id and answer.code = options.code
    where questions.layout = 'space_separated'
),

in_columns as (
    select
        members.record_key,
        questions.question_id,
        questions.kind,
        options.option_id,
        questions.kind = 'rank' and members.payload ->> options.field = '1' as is_first
    from members
    cross join questions
    inner join options on questions.question_id = options.question_id
    where
        questions.layout = 'column_per_option'
        and members.payload ->> options.field <> ''
        and options.code in ('', members.payload ->> options.field)
),

marks as (
    select * from listed
    union all
    select * from in_columns
)

select
    record_key,
    question_id,
    kind = 'rank' or count(distinct option_id) <= 1 as is_one_choice,
    count(distinct option_id) filter (where is_first) <= 1 as is_one_first_rank
from marks
group by
    record_key,
    question_id,
    kind
