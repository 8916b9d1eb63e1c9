-- CHECK constraints on a status column that would refuse one of our states (by their text: one word each).
select c.conrelid::regclass::text as rel, c.conname as name, pg_get_constraintdef(c.oid) as definition, s.missing
from pg_constraint c
join lateral (
    select array_agg(w) as missing
    from unnest(case c.conrelid
            when to_regclass('broadcast_messages') then array['pending', 'sending', 'sent', 'failed', 'unknown', 'skipped']
            else array['pending', 'active', 'completed', 'failed', 'skipped'] end) as w
    where strpos(pg_get_constraintdef(c.oid), quote_literal(w)) = 0
) s on s.missing is not null
where c.contype = 'c'
  and c.conrelid in (to_regclass('broadcast_messages'), to_regclass('sequence_contacts'))
  and exists (select 1 from pg_attribute a
              where a.attrelid = c.conrelid and a.attname = 'status' and a.attnum = any(c.conkey));
