-- Columns that came with an enrolment are known to the texts of the sequence from now on.
insert into seqconsole.settings (scope, key, name, value, operation_id)
select 'column', :'sequence'::uuid::text, c, 'true', :'operation'::bigint
from unnest(:'columns'::text[]) as c
on conflict (scope, key, name) do nothing;
