-- What each wave showed when it was last published, so that its answers change for readers in steps that
-- reveal nobody (docs/decisions/0013).
create table ops.wave_releases (
    source_id text not null,
    wave_id text not null,
    release_number integer not null,
    released_at timestamptz not null default now(),
    build_id bigint not null references ops.builds (build_id),
    shown_tables jsonb not null,
    released_rows jsonb not null,
    patterns jsonb not null,
    primary key (source_id, wave_id)
);
comment on table ops.wave_releases is 'One row a wave that was published: its last release, with the aggregated rows that it showed.';
comment on column ops.wave_releases.patterns is 'What was merged, collapsed and withheld in each table: later releases keep it.';
comment on column ops.wave_releases.shown_tables is 'The tables that readers saw, with how many respondents each had, those who were forgotten since included.';

create table ops.release_answers (
    source_id text not null,
    wave_id text not null,
    response_id text not null,
    subject text not null,
    digest text not null,
    primary key (source_id, wave_id, response_id, subject)
);
comment on table ops.release_answers is 'Digests of each respondent''s mapped answers in a wave''s last release, one a subject, to count who has changed since.';
comment on column ops.release_answers.subject is 'The response itself, a question, or a way to part the respondents.';
