-- Lock order: open work before deliveries and messages.
select p.track, p.phone_key
from seqconsole.progress p
where p.message_id = any(:'ids'::uuid[])
order by p.track, p.phone_key
for update;
