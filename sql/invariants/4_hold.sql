-- DESIGN 10.4: nothing is claimed while a hold of its scope stands. A hold that was lifted, and put back as it was by an
-- undo, did not stand in between.
with lifted as materialized (
    select x.row_id, r.at as since, u.at as until
    from seqconsole.operations r
    join seqconsole.operations u on u.id = r.undone_by
    join seqconsole.operation_rows x on x.operation_id = r.id and x.rel = 'seqconsole.holds'
    where r.verb = 'resume'
)
select a.id as attempt, a.device_id, a.claimed_at, h.scope, h.key, h.holder, h.since
from seqconsole.attempts a
join sequence_steps s on s.id = a.step_id
join seqconsole.holds h
  on h.scope = 'all'
  or h.scope = 'device' and h.key = (a.device_id::text collate "C")
  or h.scope = 'sequence' and h.key = (s.sequence_id::text collate "C")
  or h.scope = 'contact' and h.key = a.phone_key and (h.sequences is null or s.sequence_id = any(h.sequences))
where a.claimed_at > h.since and a.claimed_at < h.until and not h.cold_only
  and not exists (select 1 from lifted l
                  where l.row_id = h.scope || '|' || h.key || '|' || h.holder
                    and a.claimed_at between l.since and l.until)
union all
select a.id, a.device_id, a.claimed_at, h.scope, h.key, h.holder, h.since
from seqconsole.attempts a
join seqconsole.holds h
  on h.scope = 'all'
  or h.scope = 'device' and h.key = (a.device_id::text collate "C")
  or h.scope = 'contact' and h.key = a.phone_key and h.sequences is null
where a.claimed_at > h.since and a.claimed_at < h.until and not h.cold_only
  and not exists (select 1 from lifted l
                  where l.row_id = h.scope || '|' || h.key || '|' || h.holder
                    and a.claimed_at between l.since and l.until)
  and not exists (select 1 from sequence_steps s where s.id = a.step_id);
