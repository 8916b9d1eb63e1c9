-- Settle, second lock: the open work of these attempts, in order.
select p.track, p.phone_key
from seqconsole.progress p
where p.message_id in (
    select a.message_id
    from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[]) as x(id, claimed_at)
    join seqconsole.attempts a on a.claimed_at = x.claimed_at and a.id = x.id)
order by p.track, p.phone_key
for update;
