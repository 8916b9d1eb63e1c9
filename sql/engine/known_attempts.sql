-- Which of these attempts the database has, and whether it knows how they ended.
select a.id, a.outcome
from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[]) as x(id, claimed_at)
join seqconsole.attempts a on a.claimed_at = x.claimed_at and a.id = x.id;
