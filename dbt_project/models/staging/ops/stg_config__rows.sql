with frozen_configurations as (
    select
        build_inputs.source_id,
        build_inputs.config_hash
    from {{ source('ops', 'build_inputs') }} as build_inputs
    where
        build_inputs.build_id = {{ current_build_id() }}
        and build_inputs.load_id is null
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
