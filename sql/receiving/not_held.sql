-- Which of these persons no reply holds yet in the sequence.
select x.phone_key, x.sequence_id
from (select distinct phone_key collate "C" as phone_key, sequence_id
      from unnest(:'phones'::text[], :'sequences'::uuid[]) as u(phone_key, sequence_id)) x
where not exists (select 1 from seqconsole.holds h
                   where h.scope = 'contact' and h.key = x.phone_key and h.holder = 'reply' and h.until = 'infinity'
                     and x.sequence_id = any(h.sequences))
order by x.phone_key, x.sequence_id;
