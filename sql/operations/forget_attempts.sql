-- Where a repair starts anew, open work forgets its last attempt and its tries.
update seqconsole.progress p
set attempt_id = null, claimed_at = null, tries = 0
from unnest(:'tracks'::uuid[], :'phones'::text[]) as w(track, phone_key)
where p.track = w.track and p.phone_key = (w.phone_key collate "C") and p.run = 1
  and (p.attempt_id is not null or p.tries > 0) and p.state <> 's';
