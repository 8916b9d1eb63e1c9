-- First lock of a portion: the open work, in the order of its key; only what is still to be moved.
select p.track, p.phone_key as phone, p.run, p.message_id
from unnest(:'tracks'::uuid[], :'phones'::text[], :'runs'::smallint[]) as k(track, phone_key, run)
join seqconsole.progress p on p.track = k.track and p.phone_key = (k.phone_key collate "C") and p.run = k.run
where p.state in ('w', 'r')
  and (p.device_id = :'device'::uuid or p.device_id is null and p.gate = 'device' and p.state = 'r')
order by p.track, p.phone_key, p.run
for update of p;
