-- Steps changed in place: rows and ledger go on naming them.
update sequence_steps t
set trigger_delay_hours = s.wait, message_type = s.kind, content = s.content, media_url = s.media, caption = s.caption
from unnest(:'ids'::uuid[], :'waits'::int[], :'kinds'::text[], :'contents'::text[], :'medias'::text[], :'captions'::text[])
     as s(id, wait, kind, content, media, caption)
where t.id = s.id;
