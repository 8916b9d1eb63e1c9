-- The sequence that people come into, and what keeps it from taking any.
select q.id, q.name::text as name, q.user_id, nullif(btrim(q.trigger::text), '') as trigger,
       coalesce(q.is_active, true)
       and lower(coalesce(q.status::text, 'active')) not in ('inactive', 'paused', 'draft', 'archived', 'stopped') as active,
       s.n as steps, s.n <> s.days as undecided, s.negative, s.hours, s.hash,
       exists (select 1   -- a key of one row a contact: its second step can't be inserted (FAILURES 3)
               from pg_index i
               where i.indrelid = to_regclass('sequence_contacts') and i.indisunique and i.indisvalid
                 and i.indpred is null and i.indexprs is null
                 and (select array_agg(a.attname::text order by a.attname::text)
                        from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) @> '{contact_phone}'
                 and not (select array_agg(a.attname::text) from pg_attribute a
                           where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) && '{sequence_stepid,id}') as legacy_key
from sequences q
cross join lateral (
    select count(*)::int as n, count(distinct s.day_number)::int as days,
           count(*) filter (where s.trigger_delay_hours < 0)::int as negative,
           coalesce(sum(coalesce(s.trigger_delay_hours, 24)), 0)::int as hours,
           md5(string_agg(concat_ws('|', s.id, s.day_number, s.trigger_delay_hours, s.content, s.caption), ',' order by s.id)) as hash
    from sequence_steps s
    where s.sequence_id = q.id
) s
where q.id = :'sequence'::uuid;
