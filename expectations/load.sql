-- One row: the load, as counts. `*_excess` is 0 while a fault stays within what source.yml tolerates.
with load as (
    select
        loads.load_id,
        loads.source_id,
        loads.wave_id,
        loads.expected_count,
        loads.received_count,
        coalesce(loads.expected_count, loads.received_count) as stated_count,
        coalesce(cardinality(memberships.payload_nos), 0) as member_count,
        loads.forgotten_count,
        array(
            select wanted.field from unnest(loads.mapped_fields) as wanted (field)
            where wanted.field <> all(loads.landed_fields)
            order by wanted.field
        ) as unlanded_fields,
        loads.config_hash
    from ops.loads as loads
    left join landing.memberships as memberships
        on loads.source_id = memberships.source_id and loads.load_id = memberships.load_id
    where loads.load_id = :load_id
),

tolerated as (
    select configuration.content -> 'tolerate' as counts
    from load
    inner join ops.configuration_rows as configuration
        on
            load.source_id = configuration.source_id
            and load.config_hash = configuration.config_hash
            and configuration.file = 'source'
),

-- What people decided to ignore after the load had landed needs no second pull.
ignored as (
    select replace(replace(replace(pattern.value, '\', '\\'), '_', '\_'), '*', '%') as pattern
    from load
    inner join ops.configuration_rows as configuration
        on
            load.source_id = configuration.source_id
            and load.config_hash = configuration.config_hash
            and configuration.file = 'waves'
            and load.wave_id = configuration.content ->> 'wave_id'
    cross join lateral jsonb_array_elements_text(
        case jsonb_typeof(configuration.content -> 'ignore')
            when 'array' then configuration.content -> 'ignore'
            else jsonb_build_array(configuration.content ->> 'ignore')
        end
    ) as pattern
),

faults as (
    select
        faults.kind,
        count(*)::integer as fault_count,
        string_agg(
            distinct coalesce(faults.record_key, nullif(faults.detail, ''), 'record ' || faults.position),
            ', '
        ) as named
    from landing.faults as faults
    inner join load on faults.source_id = load.source_id and faults.load_id = load.load_id
    where
        faults.kind <> 'undeclared_field'
        or not exists (
            select 1 from ignored
            where faults.detail like ignored.pattern
        )
    group by faults.kind
),

excesses as (
    select
        coalesce(sum(fault_count) filter (where is_about_record), 0) as record_fault_count,
        coalesce(jsonb_object_agg(kind, fault_count) filter (where fault_count > tolerated_count), '{}')
            as counts,
        coalesce(jsonb_object_agg(kind, left(named, 400)), '{}') as names
    from (
        select
            faults.*,
            faults.kind not in ('undeclared_field', 'missing_field', 'unknown_shape') as is_about_record,
            coalesce((tolerated.counts ->> faults.kind)::integer, 0) as tolerated_count
        from faults
        cross join tolerated
    ) as counted
)

select
    load.load_id,
    load.stated_count,
    load.received_count,
    load.member_count,
    load.member_count + excesses.record_fault_count + load.forgotten_count as accounted_count,
    array_to_string(load.unlanded_fields, ', ') as unlanded_names,
    cardinality(load.unlanded_fields) as unlanded_count,
    excesses.names as fault_names,
    coalesce((excesses.counts ->> 'fragment')::integer, 0) as fragment_excess,
    coalesce((excesses.counts ->> 'test_record')::integer, 0) as test_record_excess,
    coalesce((excesses.counts ->> 'no_key')::integer, 0) as no_key_excess,
    coalesce((excesses.counts ->> 'duplicate_key')::integer, 0) as duplicate_key_excess,
    coalesce((excesses.counts ->> 'not_an_object')::integer, 0) as not_an_object_excess,
    coalesce((excesses.counts ->> 'unstorable')::integer, 0) as unstorable_excess,
    coalesce((excesses.counts ->> 'cell_error')::integer, 0) as cell_error_excess,
    coalesce((excesses.counts ->> 'undeclared_field')::integer, 0) as undeclared_field_excess,
    coalesce((excesses.counts ->> 'missing_field')::integer, 0) as missing_field_excess,
    coalesce((excesses.counts ->> 'unknown_shape')::integer, 0) as unknown_shape_excess
from load
cross join excesses
