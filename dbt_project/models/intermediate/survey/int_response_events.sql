with observed as (
    select * from {{ ref('int_responses_observed') }}
),

versions as (
    select * from {{ ref('int_response_versions') }}
),

came_and_changed as (
    select
        observed.survey_id,
        observed.wave_id,
        observed.response_id,
        observed.as_of,
        event.event
    from observed
    cross join
        lateral (
            values
            ('arrived', observed.is_first),
            ('restored', observed.is_restored),
            ('edited', observed.is_edited),
            ('saved_again', observed.is_saved_again),
            ('reviewed', observed.is_reviewed)
        ) as event (event, has_happened)
    where event.has_happened
),

went as (
    select
        survey_id,
        wave_id,
        response_id,
        valid_to as as_of,
        'deleted' as event
    from versions
    where is_deleted
)

select * from came_and_changed
union all
select * from went
