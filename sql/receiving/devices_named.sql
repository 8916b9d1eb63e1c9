-- The device that a gateway calls so: our id, its JID, or its phone. A name that fits several devices fits none.
with name as materialized (
    select n.name, split_part(split_part(n.name, '@', 1), ':', 1) as account, seqconsole.phone_key(n.name) collate "C" as phone_key
    from (select distinct name from unnest(:'names'::text[]) as x(name)) n
)
select name.name, (array_agg(u.id))[1] as device_id
from name
join user_devices u
  on u.id::text = lower(name.name)
  or split_part(split_part(u.jid::text, '@', 1), ':', 1) = name.account
  or seqconsole.phone_key(u.phone::text) = name.phone_key
group by name.name
having count(*) = 1;
