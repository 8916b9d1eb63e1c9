-- What counts for one subject by settings, each with its source; a JSON null is "none" and hides the wider ones.
-- A device's own columns count before its user's settings and the default, where no gap is set for the device.
with subject as (
    select case when :'scope' = 'device' then :'key' end as device,
           case :'scope' when 'user' then :'key'
                         when 'device' then (select u.user_id::text from user_devices u where u.id::text = :'key') end as owner
)
select n.name, coalesce(c.value, s.value #>> '{}') as value,
       case when c.value is not null then 'column' else coalesce(s.scope, 'not set') end as source
from subject x
cross join unnest(:'names'::text[]) with ordinality as n(name, place)
left join lateral (
    select s.value, s.scope
    from seqconsole.settings s
    where s.name = n.name
      and (s.scope = 'device' and s.key = x.device or s.scope = 'user' and s.key = x.owner
           or s.scope = 'default' and s.key = '' and :'scope' in ('default', 'user', 'device')
           or s.scope = :'scope' and s.key = :'key' or s.scope = 'database' and s.key = '' and n.name = 'timezone')
    order by array_position(array['step', 'sequence', 'device', 'user', 'default', 'database'], s.scope)
    limit 1
) s on true
left join lateral (
    select case n.name when 'gap_min' then u.min_delay_seconds else u.max_delay_seconds end || ' seconds' as value
    from user_devices u
    where u.id::text = x.device and n.name in ('gap_min', 'gap_max')
      and case n.name when 'gap_min' then u.min_delay_seconds else u.max_delay_seconds end between 0 and 86400
      and not exists (select 1 from seqconsole.settings o
                      where o.scope = 'device' and o.key = x.device and o.name in ('gap_min', 'gap_max'))
) c on true
order by n.place;
