-- A user that has devices, by id.
select d.user_id::text as key, d.user_id::text as name, true as exact
from seqconsole.devices d
where d.user_id::text = lower(:'text')
limit 1;
