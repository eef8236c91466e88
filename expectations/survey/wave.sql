-- One row: the load's wave, with its responses held against how many were invited. Responses that
-- corrections.csv excludes, that a reviewer did not approve or that answer nothing count nowhere, so
-- here neither.
with load as (
    select
        loads.load_id,
        loads.source_id,
        loads.wave_id,
        loads.config_hash,
        (wave.content -> 'frame' ->> 'count')::integer as frame_count,
        wave.content ->> 'link_field' as link_field,
        array[
            '_id', '_uuid', '_submission_time', '__version__', '_validation_status',
            wave.content ->> 'respondent_key',
            wave.content ->> 'submitted_at',
            wave.content -> 'complete_when' ->> 'field',
            wave.content ->> 'language_field',
            wave.content ->> 'link_field'
        ] as fields_about_the_response,
        coalesce((wave.content ->> 'closed_on')::date < loads.as_of, false) as is_closed,
        loads.as_of
    from ops.loads as loads
    inner join ops.configuration_rows as wave
        on
            loads.source_id = wave.source_id
            and loads.config_hash = wave.config_hash
            and wave.file = 'waves'
            and loads.wave_id = wave.content ->> 'wave_id'
    where loads.load_id = :load_id
),

-- An export writes a box that was not ticked too: its column says something only by its option's code.
option_columns as (
    select
        options.content ->> 'field' as field,
        coalesce(options.content ->> 'code', '') as code
    from load
    inner join ops.configuration_rows as options
        on
            load.source_id = options.source_id
            and load.config_hash = options.config_hash
            and options.file = 'options'
            and options.content ->> 'wave_id' in ('*', load.wave_id)
    where options.content ->> 'field' <> ''
),

counted as (
    -- Several answers of one respondent count as one.
    select
        count(distinct coalesce(nullif(records.payload ->> load.link_field, ''), records.record_key))
            as response_count
    from load
    inner join landing.judged_records as records
        on load.load_id = records.load_id
    where
        not records.is_excluded
        and records.payload ->> '_validation_status' is distinct from 'validation_status_not_approved'
        and exists (
            select 1
            from
                jsonb_each_text(
                    records.payload - array_remove(load.fields_about_the_response, null)
                ) as cell
            left join option_columns on cell.key = option_columns.field
            where option_columns.field is null or option_columns.code in ('', trim(cell.value))
        )
),

earlier as (
    -- A wave all of whose answers were forgotten has lost none.
    select
        coalesce(
            bool_or(accepted.received_count > accepted.forgotten_count)
            filter (where accepted.as_of <= load.as_of and accepted.load_id <> load.load_id),
            false
        ) as had_answers,
        coalesce(
            bool_or(accepted.forgotten_count > 0 and accepted.received_count <= accepted.forgotten_count),
            false
        ) as was_forgotten
    from load
    inner join ops.loads as accepted
        on
            load.source_id = accepted.source_id
            and load.wave_id = accepted.wave_id
            and (accepted.status = 'accepted' or load.load_id = accepted.load_id)
)

select
    load.wave_id,
    load.frame_count,
    counted.response_count,
    counted.response_count > 0
    or not (earlier.had_answers or (load.is_closed and not earlier.was_forgotten)) as has_what_it_must,
    coalesce(greatest(counted.response_count - load.frame_count, 0), 0) as beyond_frame_count
from load
cross join counted
cross join earlier
