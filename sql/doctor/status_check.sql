-- CHECK constraints on a status that would refuse one of the states of DESIGN 4 (by their text: one word each).
select count(*) over () as total, array[c.conname::text] as ids, null::text as phone,
       format('%s refuses %s: %s', c.conrelid::regclass, array_to_string(s.missing, ', '), pg_get_constraintdef(c.oid)) as detail,
       format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as statement
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
  and exists (select from pg_attribute a
              where a.attrelid = c.conrelid and a.attname = 'status' and a.attnum = any(c.conkey))
order by c.conname
limit :'limit'::int;
