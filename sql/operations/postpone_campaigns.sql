-- The wait before a send, for campaign messages that have just been released.
update seqconsole.progress p
set at = :'not_before'::timestamptz, gate = 'countdown'
where p.track = any(:'ids'::uuid[]) and p.track = p.message_id
  and p.state = 'r' and p.at < :'not_before'::timestamptz;
