-- Due work that could not be queued (locked by somebody, or of a kind that schedule does not know): later.
update seqconsole.progress p
set at = :'now'::timestamptz + interval '30 seconds'
from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)
where p.track = t.track and p.phone_key = (t.phone_key collate "C") and p.state = 'w' and p.at <= :'now'::timestamptz;
