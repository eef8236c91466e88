with waves as (
    select * from {{ ref('stg_config__waves') }}
),

described as (
    select
        *,
        (
            select array_agg(listed.language order by listed.language)
            from jsonb_array_elements_text(waves.languages) as listed (language)
        ) as language_list,
        opened_on + (closed_on - opened_on) / 2 as middle_on
    from waves
),

-- A wave is compared with the wave before it, whatever each of them asked.
preceded as (
    select
        *,
        lag(wave_id) over in_order as base_wave_id,
        lag(mode) over in_order as base_mode,
        lag(language_list) over in_order as base_language_list,
        lag(middle_on) over in_order as base_middle_on,
        lag(frame_count) over in_order as base_frame_count,
        lag(data_origin) over in_order as base_origin
    from described
    window in_order as (
        partition by survey_id
        order by wave_number
    )
),

-- Days apart within the year, the shorter way round: December is near January.
timed as (
    select
        *,
        abs(extract(doy from middle_on)::integer - extract(doy from base_middle_on)::integer)
            as days_between,
        (
            select string_agg(listed.language, ', ' order by listed.language)
            from unnest(preceded.language_list) as listed (language)
            where listed.language <> all(preceded.base_language_list)
        ) as added_languages,
        (
            select string_agg(listed.language, ', ' order by listed.language)
            from unnest(preceded.base_language_list) as listed (language)
            where listed.language <> all(preceded.language_list)
        ) as left_languages
    from preceded
    where base_wave_id is not null
),

aspects as (
    select
        timed.survey_id,
        timed.wave_id,
        timed.base_wave_id,
        timed.base_origin,
        timed.data_origin,
        timed.changes ->> aspects.aspect as stated_change,
        aspects.aspect,
        aspects.computed_grade,
        aspects.computed_note
    from timed
    cross join lateral (
        values
        (
            'frame',
            case when timed.frame_count + timed.base_frame_count is null then 'unknown' else 'same' end,
            case
                when timed.frame_count + timed.base_frame_count is null
                    then 'Nobody said how many were invited to both waves.'
                else format(
                    'Invited: %s, now %s. Nobody noted another way of listing them.',
                    timed.base_frame_count, timed.frame_count
                )
            end
        ),
        (
            'mode',
            case when timed.mode = timed.base_mode then 'same' else 'changed' end,
            case
                when timed.mode = timed.base_mode then format('Asked by %s.', timed.mode)
                else format('Asked by %s, before by %s.', timed.mode, timed.base_mode)
            end
        ),
        (
            'season',
            case
                when timed.days_between is null then 'unknown'
                when least(timed.days_between, 365 - timed.days_between) > {{ season_days() }} then 'changed'
                else 'same'
            end,
            case
                when timed.days_between is null then 'One of the two waves has no last day yet.'
                else format(
                    'The middles of the field times, %s and %s, are %s days apart in the year.',
                    timed.base_middle_on, timed.middle_on,
                    least(timed.days_between, 365 - timed.days_between)
                )
            end
        ),
        (
            'languages',
            case when timed.language_list = timed.base_language_list then 'same' else 'changed' end,
            concat_ws(
                ' ',
                format('Asked in %s.', array_to_string(timed.language_list, ', ')),
                'Added: ' || timed.added_languages || '.',
                'No longer: ' || timed.left_languages || '.'
            )
        )
    ) as aspects (aspect, computed_grade, computed_note)
),

judged as (
    select
        survey_id,
        wave_id,
        aspect,
        base_wave_id,
        case
            when data_origin <> base_origin then 'unknown'
            when stated_change is not null then 'changed'
            else computed_grade
        end as grade,
        case
            when data_origin <> base_origin then 'Synthetic and collected answers are not compared.'
            when stated_change is not null and computed_grade = 'changed'
                then stated_change || ' ' || computed_note
            else coalesce(stated_change, computed_note)
        end as note,
        data_origin
    from aspects
)

select * from judged
