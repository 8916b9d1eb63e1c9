-- The wait before a send, for campaign messages that have just been released.
update seqconsole.progress p
set at = :'not_before'::timestamptz, gate = 'countdown'
where p.track = any(:'ids'::uuid[]) and p.sequence_id = '00000000-0000-0000-0000-000000000000'
  and p.state = 'r' and p.at < :'not_before'::timestamptz;
