-- CHECK constraints on a status column that would refuse one of our states (by their text: one word each).
select case n.nspname when 'public' then quote_ident(t.relname) else format('%I.%I', n.nspname, t.relname) end as rel,
       quote_ident(c.conname) as name, pg_get_expr(c.conbin, c.conrelid) as expression, s.missing
from pg_constraint c
join pg_class t on t.oid = c.conrelid
join pg_namespace n on n.oid = t.relnamespace
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
              where a.attrelid = c.conrelid and a.attname = 'status' and a.attnum = any(c.conkey))
order by 1, 2;
