-- What was let land, and whether gate 1 still agrees: a field that the files map only now was never
-- stored, so that an accepted load can't be read by them (docs/operations.md).
alter table ops.loads
    add column landed_fields text[],
    add column mapped_fields text[],
    add column later_refusal text,
    add column forgotten_count integer not null default 0;
comment on column ops.loads.landed_fields is 'Of a survey, the fields that the configuration let land when it was pulled; null where nobody noted them.';
comment on column ops.loads.mapped_fields is 'Of a survey, the fields that the configuration which judged it last wants to have.';
comment on column ops.loads.later_refusal is 'Why gate 1 refuses this accepted load since its source''s files changed; builds refuse it until that is mended. Null where it does not.';
comment on column ops.loads.forgotten_count is 'Received records that are left out because their respondent was forgotten.';
comment on column ops.loads.config_hash is 'The configuration that judged the load last.';

-- A fault's part of its load's content_hash, so that the load can be hashed again without the others.
alter table landing.faults add column content_hash bytea;

-- Who was forgotten: never by the key itself, but by a keyed hash that only answers whether a key is
-- among them (docs/decisions/0014).
create table ops.tombstones (
    source_id text not null,
    identifier_hash bytea not null,
    forgotten_at timestamptz not null default now(),
    reason text not null,
    primary key (source_id, identifier_hash)
);
comment on table ops.tombstones is 'One row per identifier of a respondent who was forgotten, as a keyed hash: later pulls leave them out.';

create table ops.tombstone_key (
    only_row boolean primary key default true check (only_row),
    key bytea not null
);
comment on table ops.tombstone_key is 'The random key of the tombstones'' hashes, made when the first respondent is forgotten.';

-- What gate 1 looks at: a load's records with the corrections of the configuration that judges it.
create view landing.judged_records as
select
    loads.load_id,
    loads.source_id,
    payloads.record_key,
    (payloads.payload || coalesce(corrections.set_values, '{}'))
    - coalesce(corrections.blanked_fields, '{}') as payload,
    coalesce(corrections.is_excluded, false) as is_excluded
from ops.loads as loads
inner join landing.memberships as memberships
    on loads.source_id = memberships.source_id and loads.load_id = memberships.load_id
cross join lateral unnest(memberships.payload_nos) as member (payload_no)
inner join landing.payloads as payloads
    on loads.source_id = payloads.source_id and member.payload_no = payloads.payload_no
cross join lateral (
    select
        jsonb_object_agg(correction.content ->> 'field', correction.content ->> 'value' order by correction.row_no)
            filter (where found.is_expected and correction.content ->> 'value' <> '') as set_values,
        array_agg(correction.content ->> 'field')
            filter (where found.is_expected and coalesce(correction.content ->> 'value', '') = '')
            as blanked_fields,
        bool_or(correction.content ->> 'action' = 'exclude') as is_excluded
    from ops.configuration_rows as correction
    cross join lateral (
        select
            correction.content ->> 'action' = 'set'
            and coalesce(payloads.payload ->> (correction.content ->> 'field'), '')
            = coalesce(correction.content ->> 'expected', '') as is_expected
    ) as found
    where
        correction.source_id = loads.source_id
        and correction.config_hash = loads.config_hash
        and correction.file = 'corrections'
        and correction.content ->> 'wave_id' = loads.wave_id
        and correction.content ->> 'record_key' = payloads.record_key
) as corrections;
comment on view landing.judged_records is 'One row per load and record that is its member, with the corrections of the configuration that judged it last.';
