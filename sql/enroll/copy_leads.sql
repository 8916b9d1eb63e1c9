-- Leads whose words, between commas, hold the sequence's own word, whole and in whatever case; of the same user only.
insert into seqconsole.arrivals (batch, line, phone, name, device, fields, lead)
select :'batch'::uuid, row_number() over (order by l.id), l.phone::text, l.name::text,
       (select u.id::text from user_devices u where u.id::text = l.device_id::text and u.user_id is not distinct from q.user_id),
       case when nullif(btrim(l.niche::text), '') is not null then jsonb_build_object('niche', l.niche::text) end, l.id
from sequences q
join leads l on l.user_id::text = q.user_id::text
where q.id = :'sequence'::uuid and btrim(coalesce(q.trigger::text, '')) <> ''
  and position(lower(btrim(q.trigger::text)) in lower(l.trigger::text)) > 0
  and exists (select 1 from unnest(string_to_array(l.trigger::text, ',')) as t where lower(btrim(t)) = lower(btrim(q.trigger::text)));
