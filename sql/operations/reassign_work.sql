-- The future of a device: open work that waits for it or is queued on it, what is due first before the rest, at most
-- :'limit'. seen: the person had a message from this number. Of a device that is gone the queued messages alone are
-- known; what waits chooses another one by itself.
with work as (
    select p.track, p.phone_key, p.run, p.sequence_id, p.state, p.at
    from seqconsole.progress p
    where p.device_id = :'device'::uuid and p.state = 'w'
    union all
    select p.track, p.phone_key, p.run, p.sequence_id, p.state, p.at
    from seqconsole.progress p
    join broadcast_messages m on m.id = p.message_id
    where p.device_id = :'device'::uuid and p.state = 'r' and m.device_id = :'device'::uuid and m.status::text = 'pending'
    union all
    select p.track, p.phone_key, p.run, p.sequence_id, p.state, p.at
    from seqconsole.progress p
    join broadcast_messages m on m.id = p.message_id
    where p.gate = 'device' and p.state = 'r' and p.device_id is null
      and m.device_id = :'device'::uuid and m.status::text = 'pending'
)
select w.track, w.phone_key as phone, w.run, w.state::text as state, w.at = 'infinity' as parked,
       (select 1 from seqconsole.deliveries d
         where d.phone_key = w.phone_key and d.device_id = :'device'::uuid and d.outcome = 's' limit 1) is not null as seen
from work w
where :'sequence'::uuid is null or w.sequence_id = :'sequence'::uuid
order by w.at, w.track, w.phone_key
limit :'limit'::int;
