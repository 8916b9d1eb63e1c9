-- Leads whose words, between commas, hold the sequence's own word, whole and in whatever case; of the same user only.
-- The next of them by id.
select l.id, l.phone::text as phone, l.name::text as name,
       (select u.id::text from user_devices u where u.id::text = l.device_id::text and u.user_id is not distinct from q.user_id) as device,
       nullif(btrim(l.niche::text), '') as niche
from sequences q
join leads l on l.user_id::text = q.user_id::text
where q.id = :'sequence'::uuid and btrim(coalesce(q.trigger::text, '')) <> ''
  and (:'after'::uuid is null or l.id > :'after'::uuid)
  and position(lower(btrim(q.trigger::text)) in lower(l.trigger::text)) > 0
  and exists (select 1 from unnest(string_to_array(l.trigger::text, ',')) as t where lower(btrim(t)) = lower(btrim(q.trigger::text)))
order by l.id
limit :'portion'::int;
