-- What open work remembers beside what it is derived from: its last attempt, its tries, and where it is parked. Kept
-- before an operation moves these chains on, for its undo.
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, u.unit, 'seqconsole.progress', u.unit, i.image, i.image
from (select distinct w.unit from unnest(:'units'::text[]) as w(unit)) u
cross join lateral (   -- OFFSET 0, here and wherever a key is looked up: stale counts make it a scan of all
    select *
    from seqconsole.progress q
    where q.track = split_part(u.unit, '|', 1)::uuid and q.phone_key = split_part(u.unit, '|', 2) collate "C"
      and q.run = split_part(u.unit, '|', 3)::smallint
    offset 0
) p,
lateral (select json_build_object('step_id', p.step_id, 'attempt_id', p.attempt_id, 'claimed_at', p.claimed_at,
                                  'tries', p.tries, 'at', p.at, 'gate', p.gate) as image) i
where p.state <> 's'
  and (p.attempt_id is not null or p.tries > 0
       or p.gate in ('countdown', 'spread', 'overdue', 'frequency', 'cold') and p.at > :'now'::timestamptz);
