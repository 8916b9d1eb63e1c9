-- Other running sequences of this user that the same word lets people into.
select coalesce(o.name::text, o.id::text) as name
from sequences q
join sequences o on o.user_id is not distinct from q.user_id and o.id <> q.id and lower(btrim(o.trigger::text)) = lower(btrim(q.trigger::text))
where q.id = :'sequence'::uuid and coalesce(o.is_active, true)
  and lower(coalesce(o.status::text, 'active')) not in ('inactive', 'paused', 'draft', 'archived', 'stopped')
order by 1
limit 5;
