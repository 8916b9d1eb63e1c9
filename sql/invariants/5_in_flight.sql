-- DESIGN 10.5: what is sending or in doubt has an attempt that says so, and open work that waits for it.
select m.id, m.status, p.state, a.outcome
from broadcast_messages m
left join seqconsole.progress p on p.message_id = m.id
left join seqconsole.attempts a on a.claimed_at = p.claimed_at and a.id = p.attempt_id
where exists (select 1 from seqconsole.attempts x where x.message_id = m.id)
  and (m.status::text = 'sending' and (p.state is distinct from 's' or a.id is null or a.outcome is not null)
       or m.status::text = 'unknown' and (p.state is distinct from 'u' or a.outcome is distinct from 'unknown'))
union all
select p.message_id, m.status, p.state, null
from seqconsole.progress p
left join broadcast_messages m on m.id = p.message_id
where p.state = 's' and m.status::text is distinct from 'sending';
