select
    measures.kind,
    measures.measure,
    measures.measure_label,
    measures.measure_sort
from (
    values
    ('single', 'first_choice', 'First choice', 1),
    ('rank', 'first_choice', 'First choice', 1),
    ('rank', 'top3', 'Among the first three', 2),
    ('rank', 'any_mention', 'Mentioned at all', 3),
    ('multiple', 'any_mention', 'Mentioned at all', 3),
    ('scale', 'scale_top2', 'One of the two highest steps', 4)
) as measures (kind, measure, measure_label, measure_sort)
