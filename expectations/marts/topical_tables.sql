-- The topical marts: those with shares and changes side by side.
select table_name
from information_schema.columns
where
    table_schema = 'marts_build'
    and column_name in ('chosen_count', 'change_points')
group by table_name
having count(*) = 2
