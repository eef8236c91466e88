-- One row a response of the load: how much it answers, and whether it came while the wave was open.
with load as (
    select
        loads.load_id,
        loads.source_id,
        loads.wave_id,
        wave.content as wave
    from ops.loads as loads
    inner join ops.configuration_rows as wave
        on
            loads.source_id = wave.source_id
            and loads.config_hash = wave.config_hash
            and wave.file = 'waves'
            and loads.wave_id = wave.content ->> 'wave_id'
    where loads.load_id = :load_id
),

delivered as (
    select payloads.record_key as form_version
    from load
    inner join landing.memberships as memberships
        on load.source_id = memberships.source_id and load.load_id = memberships.load_id
    inner join landing.payloads as payloads
        on
            load.source_id = payloads.source_id
            and payloads.payload_no = any(memberships.form_nos)
),

members as (
    select
        records.record_key,
        records.payload,
        load.wave,
        left(
            coalesce(
                records.payload ->> (load.wave ->> 'submitted_at'), records.payload ->> '_submission_time'
            ),
            10
        ) as submitted_on
    from load
    inner join landing.judged_records as records
        on load.load_id = records.load_id
)

select
    members.record_key,
    (
        select count(*)
        from jsonb_object_keys(members.payload) as field (name)
        where
            field.name not in (
                '_id', '_uuid', '_submission_time', '__version__', '_validation_status',
                coalesce(members.wave ->> 'respondent_key', ''),
                coalesce(members.wave ->> 'submitted_at', ''),
                coalesce(members.wave -> 'complete_when' ->> 'field', ''),
                coalesce(members.wave ->> 'language_field', '')
            )
    ) as answered_count,
    coalesce(
        members.submitted_on !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
        or (
            members.submitted_on >= members.wave ->> 'opened_on'
            and members.submitted_on <= coalesce(members.wave ->> 'closed_on', '9999-12-31')
        ),
        true
    ) as is_in_field_time,
    coalesce(
        members.wave ->> 'link_field' is null or members.submitted_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', true
    ) as has_readable_moment,
    not exists (select 1 from delivered)
    or coalesce(
        members.payload ->> '__version__' in (select delivered.form_version from delivered), true
    ) as names_delivered_version
from members
