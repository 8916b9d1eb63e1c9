-- The step that is due longest and can't be queued: later again. Where the operator's tables refuse it, its gate says so.
update seqconsole.progress p
set at = :'now'::timestamptz + :'wait'::interval, gate = coalesce(:'gate'::text, p.gate)
from (select track, phone_key, run from seqconsole.progress
      where state = 'w' and at <= :'now'::timestamptz
      order by at limit 1 for update skip locked) d
where p.track = d.track and p.phone_key = d.phone_key and p.run = d.run;
