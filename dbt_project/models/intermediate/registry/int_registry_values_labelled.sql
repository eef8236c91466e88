with sdg_goals as (
    select * from {{ ref('sdg_goals') }}
),

product_type_names as (
    select * from {{ ref('product_type_names') }}
),

stage_labels (value, label, sort) as (
    values
    ('nominee', 'Nominee', 1),
    ('candidate', 'Candidate', 2),
    ('DPG', 'Digital public good', 3),
    ('archived', 'Archived', 4),
    ('excluded', 'Excluded', 5)
),

labelled as (
    select
        'all' as dimension,
        'all' as value,
        'All digital public goods' as label,
        1 as sort
    union all
    select
        'stage' as dimension,
        value,
        label,
        sort
    from stage_labels
    union all
    select
        'sdg' as dimension,
        sdg_number::text as value,
        'SDG ' || sdg_number || ': ' || title as label,
        sdg_number as sort
    from sdg_goals
    union all
    select distinct
        'product_type' as dimension,
        product_type as value,
        label,
        null::integer as sort
    from product_type_names
),

-- What the registry does not say stands last in every dimension.
missing_values (value, label, sort) as (
    values
    ('none', 'None', 998),
    ('unknown', 'Unknown', 999)
),

dimensions (dimension) as (
    values ('stage'), ('product_type'), ('licence'), ('sdg'), ('origin_country'), ('deployment_country')
)

select * from labelled
union all
select
    dimensions.dimension,
    missing_values.value,
    missing_values.label,
    missing_values.sort
from dimensions
cross join missing_values
