-- Open work that its own rows hold back without an end, where no other finding is of this very reason.
with reason (gate, why) as (
    values ('active', 'a later step is active'),
           ('contact', 'its message is queued, and its contact row is gone or another person''s'),
           ('recipient', 'its message is addressed to another number'),
           ('refused', 'the tables refuse its message'),
           ('skipped', 'its message was skipped, and its contact row is open'),
           ('stuck', 'its contact row is active, and it has no message'),
           ('unknown', 'nobody knows whether it was sent, and its message was deleted'),
           ('vanished', 'its message was deleted')
)
select count(*) over () as total, array[coalesce(p.contact_id, p.message_id, p.track)::text] as ids, p.phone_key as phone,
       r.why as detail, null::text as statement
from reason r
join seqconsole.progress p on p.gate = r.gate and (p.at = 'infinity' or r.gate = 'refused')
left join broadcast_messages m on m.id = p.message_id and r.gate = 'unknown'
where m.id is null
  and not (r.gate = 'stuck' and exists (   -- an hour later it is among the stuck rows
           select 1 from sequence_contacts c
           where c.id = p.contact_id
             and coalesce(c.processing_started_at, c.next_trigger_time, '-infinity')::timestamptz < :'now'::timestamptz - interval '1 hour'))
  and not (r.gate = 'active' and (select count(distinct c.sequence_stepid) from sequence_contacts c
                                   where c.sequence_id = p.track and seqconsole.phone_key(c.contact_phone) = p.phone_key
                                     and lower(c.status::text) = 'active') > 1)
order by r.gate, p.track, p.phone_key
limit :'limit'::int;
