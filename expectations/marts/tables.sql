-- The tables that are to be published, whatever they are.
select table_name
from information_schema.tables
where table_schema = 'marts_build'
