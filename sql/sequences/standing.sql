-- A sequence, whether it is active, and its open work: all of it, and what is due but for that.
select q.id, coalesce(q.name::text, '') as name, q.user_id, nullif(btrim(q.trigger::text), '') as trigger,
       coalesce(q.is_active, true)
       and lower(coalesce(q.status::text, 'active')) not in ('inactive', 'paused', 'draft', 'archived', 'stopped') as active,
       concat_ws('|', q.is_active, q.status) as state, w.due, w.open,
       coalesce((select jsonb_object_agg(s.name, s.value) from seqconsole.settings s
                  where s.scope = 'sequence' and s.key = q.id::text), '{}') as settings
from sequences q
cross join lateral (
    select count(*) filter (where p.due_at <= :'now'::timestamptz and (p.gate is null or p.gate = 'inactive')) as due,
           count(*) as open
    from seqconsole.progress p
    where p.track = q.id
) w
where q.id = :'sequence'::uuid;
