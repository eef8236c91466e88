with frozen_configurations as (
    select
        build_inputs.source_id,
        build_inputs.config_hash
    from {{ source('ops', 'build_inputs') }} as build_inputs
    where
        build_inputs.build_id = {{ current_build_id() }}
        and build_inputs.load_id is null
        -- A source that nobody has loaded yet says nothing in the marts.
        and exists (
            select 1
            from {{ source('ops', 'build_inputs') }} as loaded
            where
                loaded.build_id = build_inputs.build_id
                and loaded.source_id = build_inputs.source_id
                and loaded.load_id is not null
        )
)

select
    configuration_rows.source_id,
    configuration_rows.file,
    configuration_rows.row_no,
    configuration_rows.content
from {{ source('ops', 'configuration_rows') }} as configuration_rows
inner join frozen_configurations
    on
        configuration_rows.source_id = frozen_configurations.source_id
        and configuration_rows.config_hash = frozen_configurations.config_hash
