-- The open work of these people that is not on its way.
select count(*) filter (where p.state = 'w') as waiting, count(*) filter (where p.state = 'r') as queued
from seqconsole.progress p
where p.phone_key = any(:'keys'::text[] collate "C");
