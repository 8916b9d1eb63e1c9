-- Lock the progress rows of tracks before reading what they are derived from (lock order: progress first).
select p.track, p.phone_key
from seqconsole.progress p
join (select distinct track, phone_key collate "C" as phone_key
      from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)) t using (track, phone_key)
order by p.track, p.phone_key
for update of p;
