-- The operator's word on attempts in doubt, each with its place in the journal. The charge stays: a word is no proof
-- that nothing was sent.
with wanted as materialized (
    select w.unit, w.id, w.claimed_at, w.outcome
    from unnest(:'units'::text[], :'ids'::uuid[], :'claimed_ats'::timestamptz[], :'outcomes'::text[])
             as w(unit, id, claimed_at, outcome)
),
written as (
    update seqconsole.attempts a
    set outcome = w.outcome, evidence = 'operator', settled_at = :'now'::timestamptz
    from wanted w
    where a.claimed_at = w.claimed_at and a.id = w.id and a.outcome = 'unknown'
    returning a.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, w.unit, 'seqconsole.attempts', x.id::text,
       (select json_build_object('claimed_at', o.claimed_at, 'outcome', o.outcome, 'evidence', o.evidence,
                                 'settled_at', o.settled_at)
          from seqconsole.attempts o where o.claimed_at = x.claimed_at and o.id = x.id),
       json_build_object('claimed_at', x.claimed_at, 'outcome', x.outcome, 'evidence', x.evidence,
                         'settled_at', x.settled_at)
from written x
join wanted w using (id);
