-- Landing: append-only and content-addressed. A payload is stored once per distinct content of a
-- record; a pull stores which payloads were its members, as one array (docs/decisions/0002).
-- source_id comes first in every key, so that a distributed Postgres can shard by it.
create table landing.payloads (
    source_id text not null,
    payload_no integer generated always as identity,
    record_type text not null check (record_type in ('record', 'form')),
    record_key text not null,
    content_hash bytea not null,
    payload jsonb not null,
    first_load_id bigint not null,
    primary key (source_id, payload_no),
    unique (source_id, content_hash)
);
comment on table landing.payloads is 'One row per distinct content of a record: what sources sent, without personal data.';
comment on column landing.payloads.record_type is 'record: a product or a response; form: a deployed version of a questionnaire.';
comment on column landing.payloads.record_key is 'The record''s key within its source and format, for example an application number or a root UUID.';
comment on column landing.payloads.content_hash is 'BLAKE2b-128 of record type, key and canonical JSON.';

create table landing.memberships (
    source_id text not null,
    load_id bigint not null,
    payload_nos integer[] not null,
    form_nos integer[] not null default '{}',
    primary key (source_id, load_id)
);
comment on table landing.memberships is 'Which payloads were members of a pull: one row a load.';

create table landing.faults (
    source_id text not null,
    load_id bigint not null,
    fault_no integer not null,
    kind text not null,
    position integer,
    record_key text,
    detail text not null default '',
    payload jsonb,
    primary key (source_id, load_id, fault_no)
);
comment on table landing.faults is 'Received records and fields that could not become members, each with its reason. Detail names fields, never values.';

create table ops.loads (
    load_id bigint generated always as identity primary key,
    source_id text not null,
    feed text,
    wave_id text,
    as_of date,
    status text not null check (status in
        ('opened', 'landed', 'accepted', 'rejected', 'held', 'failed', 'superseded', 'withdrawn')),
    expected_count integer,
    received_count integer,
    tolerated_count integer,
    new_payload_count integer,
    content_hash bytea,
    location text,
    format text,
    data_origin text check (data_origin in ('collected', 'synthetic')),
    is_live boolean,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    reason text,
    supersedes_load_id bigint references ops.loads (load_id),
    config_hash text,
    code_version text not null
);
create unique index one_accepted_load_a_date on ops.loads
    (source_id, feed, coalesce(wave_id, ''), as_of) where status = 'accepted';
create index loads_by_content on ops.loads (source_id, content_hash);
comment on table ops.loads is 'One row a pull: what arrived, what became of it and why.';
comment on column ops.loads.expected_count is 'How many records the source states it has; null where it states nothing.';
comment on column ops.loads.tolerated_count is 'Received records that are left out because the source''s rules tolerate their fault.';
comment on column ops.loads.content_hash is 'BLAKE2b-128 over the sorted hashes of the members and faults: the same set in any order is the same load.';

create table ops.validation_results (
    result_id bigint generated always as identity primary key,
    load_id bigint references ops.loads (load_id),
    build_id bigint,
    suite text not null,
    suite_hash text not null,
    asset text not null,
    rule text not null,
    expectation text not null,
    severity text not null check (severity in ('reject', 'warn')),
    success boolean not null,
    column_name text,
    evaluated_count bigint,
    unexpected_count bigint,
    observed double precision,
    example_keys text[] not null default '{}',
    description text not null default '',
    is_latest boolean not null default true,
    checked_at timestamptz not null default now(),
    check ((load_id is null) <> (build_id is null))
);
create index validation_results_of_load on ops.validation_results (load_id);
create index validation_results_of_build on ops.validation_results (build_id);
comment on table ops.validation_results is 'Every rule''s outcome for every load (gate 1) and build (gate 2): counts and keys, never a failing value.';

-- A source's configuration, as rows: one mechanism for every file of a source's folder, and a new
-- file needs no migration. dbt's staging gives the rows their types.
create table ops.configurations (
    config_hash text not null,
    source_id text not null,
    loaded_at timestamptz not null default now(),
    code_version text not null,
    primary key (source_id, config_hash)
);
comment on table ops.configurations is 'Each distinct configuration that a source has had.';

create table ops.configuration_rows (
    config_hash text not null,
    source_id text not null,
    file text not null,
    row_no integer not null,
    content jsonb not null,
    primary key (source_id, config_hash, file, row_no),
    foreign key (source_id, config_hash) references ops.configurations (source_id, config_hash)
);
comment on table ops.configuration_rows is 'The rows of a source''s configuration files, by hash: source, waves, questions, options, challenges, published_figures.';

create table ops.builds (
    build_id bigint generated always as identity primary key,
    target text not null default 'main',
    as_of date,
    status text not null check (status in ('building', 'checked', 'published', 'refused', 'failed')),
    inputs_hash text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    reason text,
    code_version text not null
);
comment on table ops.builds is 'One row a build; a published build''s id is its publish_id.';

create table ops.build_inputs (
    build_id bigint not null references ops.builds (build_id),
    source_id text not null,
    load_id bigint references ops.loads (load_id),
    feed text,
    wave_id text,
    as_of date,
    config_hash text not null,
    check ((load_id is null) = (as_of is null))
);
create unique index build_inputs_key on ops.build_inputs (build_id, source_id, coalesce(load_id, 0));
comment on table ops.build_inputs is 'What a build froze at its start: the accepted loads, and of every source one row without a load that names its configuration.';

create table ops.dbt_results (
    build_id bigint not null references ops.builds (build_id),
    unique_id text not null,
    resource_type text not null,
    status text not null,
    execution_time_s double precision,
    rows_affected bigint,
    failures bigint,
    message text,
    primary key (build_id, unique_id)
);
comment on table ops.dbt_results is 'What dbt said of each model and test of a build.';

create table ops.publish_log (
    publish_id bigint primary key references ops.builds (build_id),
    published_at timestamptz not null default now(),
    code_version text not null,
    row_counts jsonb not null,
    duration_s double precision not null
);
comment on table ops.publish_log is 'One row a publish.';

create table ops.pseudonym_key (
    only_row boolean primary key default true check (only_row),
    fingerprint text not null
);
comment on table ops.pseudonym_key is 'A fingerprint of the key that made the stored pseudonyms; another key is refused.';
