-- Attempts whose outcome would have been recorded, had no other session held their message or contact row.
select a.id
from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[], :'outcomes'::text[]) as u(id, claimed_at, outcome)
join seqconsole.attempts a on a.claimed_at = u.claimed_at and a.id = u.id
where a.outcome is null or a.outcome = 'unknown' and u.outcome <> 'unknown';
