-- The wait before a send, for campaign messages that have just been released. Without a device it is no send.
update seqconsole.progress p
set at = :'not_before'::timestamptz, gate = case when p.gate = 'device' then p.gate else 'countdown' end
where p.track = any(:'ids'::uuid[]) and p.track = p.message_id
  and p.state = 'r' and p.at < :'not_before'::timestamptz;
