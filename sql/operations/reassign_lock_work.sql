-- First lock of a portion: the open work, in the order of its key; only what is still to be moved.
select p.track, p.phone_key as phone, p.run, p.message_id
from (select x.track, x.phone_key collate "C" as phone_key, x.run
      from unnest(:'tracks'::uuid[], :'phones'::text[], :'runs'::smallint[]) as x(track, phone_key, run)
      order by 1, 2, 3) k
cross join lateral (   -- OFFSET 0: always by key, whatever is counted of states and gates
    select *
    from seqconsole.progress q
    where q.track = k.track and q.phone_key = k.phone_key and q.run = k.run
    offset 0
    for update
) p
where p.state in ('w', 'r')
  and (p.device_id = :'device'::uuid or p.device_id is null and p.gate = 'device' and p.state = 'r');
