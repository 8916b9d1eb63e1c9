-- Attempts that the operator had settled are in doubt again.
update seqconsole.attempts a
set outcome = b.outcome, evidence = b.evidence, settled_at = b.settled_at
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
cross join lateral json_to_record(r.before)
           as b(claimed_at timestamptz, outcome text, evidence text, settled_at timestamptz)
where r.rel = 'seqconsole.attempts'
  and a.claimed_at = b.claimed_at and a.id = r.row_id::uuid;
