select
    builds.build_id,
    builds.as_of,
    builds.started_at,
    builds.code_version
from {{ source('ops', 'builds') }} as builds
where builds.build_id = {{ current_build_id() }}
