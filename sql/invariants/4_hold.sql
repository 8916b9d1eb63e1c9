-- DESIGN 10.4: nothing is claimed while a hold of its scope stands.
select a.id as attempt, a.device_id, a.claimed_at, h.scope, h.key, h.holder, h.since
from seqconsole.attempts a
join sequence_steps s on s.id = a.step_id
join seqconsole.holds h
  on h.scope = 'all'
  or h.scope = 'device' and h.key = (a.device_id::text collate "C")
  or h.scope = 'sequence' and h.key = (s.sequence_id::text collate "C")
  or h.scope = 'contact' and h.key = a.phone_key
where a.claimed_at > h.since and a.claimed_at < h.until and not h.cold_only
union all
select a.id, a.device_id, a.claimed_at, h.scope, h.key, h.holder, h.since
from seqconsole.attempts a
join seqconsole.holds h
  on h.scope = 'all'
  or h.scope = 'device' and h.key = (a.device_id::text collate "C")
  or h.scope = 'contact' and h.key = a.phone_key
where a.claimed_at > h.since and a.claimed_at < h.until and not h.cold_only
  and not exists (select 1 from sequence_steps s where s.id = a.step_id);
