-- The step that is due longest and that the operator's tables refuse: in an hour again, its gate says why.
update seqconsole.progress p
set at = :'now'::timestamptz + interval '1 hour', gate = 'refused'
from (select track, phone_key, run from seqconsole.progress
      where state = 'w' and at <= :'now'::timestamptz
      order by at limit 1 for update skip locked) d
where p.track = d.track and p.phone_key = d.phone_key and p.run = d.run;
