-- Open work of the same step remembers its last attempt as before, and is parked again where it was: not sooner than
-- what has been derived for it now.
update seqconsole.progress p
set attempt_id = w.attempt_id, claimed_at = w.claimed_at, tries = w.tries,
    at = case when w.parked and w.at > p.at and p.state in ('r', 'w') then w.at else p.at end,
    gate = case when w.parked and w.at > p.at and p.state in ('r', 'w') then w.gate else p.gate end
from (
    select split_part(r.row_id, '|', 1)::uuid as track, split_part(r.row_id, '|', 2) collate "C" as phone_key,
           split_part(r.row_id, '|', 3)::smallint as run, b.*,
           coalesce(b.gate in ('countdown', 'spread', 'overdue', 'frequency', 'cold'), false) as parked
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    cross join lateral json_to_record(r.before) as b(step_id uuid, attempt_id uuid, claimed_at timestamptz,
                                                     tries smallint, at timestamptz, gate text)
    where r.rel = 'seqconsole.progress'
) w
where p.track = w.track and p.phone_key = w.phone_key and p.run = w.run and p.state <> 's'
  and (w.step_id is null or p.step_id = w.step_id);
