-- What the second run of dbt reads: counts and figures that may be shown, and no respondent.
-- {schema} is the build's intermediate schema. dbt_project/models/marts/survey/_figures__sources.yml
-- describes the columns.
drop table if exists {schema}.released_waves cascade;
create table {schema}.released_waves (
    survey_id text not null,
    wave_id text not null,
    release_number integer,
    is_held boolean not null,
    as_of date,
    frame_count integer,
    eligible_count integer,
    frame_as_of date,
    response_count integer not null,
    complete_count integer,
    partial_count integer,
    excluded_count integer not null,
    not_approved_count integer not null,
    blank_count integer,
    duplicate_count integer not null,
    deleted_count integer not null,
    edited_count integer not null,
    form_version_count integer,
    weighting_note text,
    primary key (survey_id, wave_id)
);

drop table if exists {schema}.released_shares cascade;
create table {schema}.released_shares (
    survey_id text not null,
    wave_id text not null,
    question_id text not null,
    measure text not null,
    option_id text not null,
    segment_kind text not null,
    segment_value text not null,
    segment_parts text[] not null,
    population_count integer,
    base_count integer,
    chosen_count integer,
    cell_status text not null,
    share_band text,
    weighted_share double precision,
    weighted_ci_low double precision,
    weighted_ci_high double precision,
    n_eff double precision,
    rank_low integer,
    rank_high integer,
    segment_p_value double precision,
    primary key (survey_id, wave_id, question_id, measure, option_id, segment_kind, segment_value)
);

drop table if exists {schema}.released_changes cascade;
create table {schema}.released_changes (
    survey_id text not null,
    wave_id text not null,
    base_wave_id text not null,
    question_id text not null,
    measure text not null,
    option_id text not null,
    compared text not null,
    comparison text not null,
    is_adjacent boolean not null,
    change_points double precision,
    change_ci_low double precision,
    change_ci_high double precision,
    p_value double precision,
    q_value double precision,
    family_size integer,
    overlap_count integer,
    change_method text,
    change_assumption text,
    detectable_points double precision,
    change_status text not null,
    primary key (survey_id, wave_id, base_wave_id, question_id, measure, option_id, compared)
);

drop table if exists {schema}.released_summaries cascade;
create table {schema}.released_summaries (
    survey_id text not null,
    wave_id text not null,
    question_id text not null,
    option_id text not null,
    statistic text not null,
    answered_count integer not null,
    step_count integer,
    value double precision not null,
    ci_low double precision,
    ci_high double precision,
    rule text not null,
    primary key (survey_id, wave_id, question_id, option_id, statistic)
);

drop table if exists {schema}.released_responses cascade;
create table {schema}.released_responses (
    survey_id text not null,
    wave_id text not null,
    segment_kind text not null,
    segment_value text not null,
    invited_count integer,
    bounced_count integer,
    ineligible_count integer,
    responded_count integer,
    partial_count integer,
    complete_count integer,
    primary key (survey_id, wave_id, segment_kind, segment_value)
);

drop table if exists {schema}.released_needs cascade;
create table {schema}.released_needs (
    survey_id text not null,
    wave_id text not null,
    question_id text not null,
    option_id text not null,
    challenge_question_id text not null,
    challenge_option_id text not null,
    base_count integer,
    chosen_count integer,
    cell_status text not null,
    share_band text,
    primary key (survey_id, wave_id, question_id, option_id, challenge_question_id, challenge_option_id)
);
