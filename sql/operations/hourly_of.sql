-- Sends an hour that limit and window of a subject let through.
select seqconsole.limit_setting(x.device, x.owner, 'send_limit')::numeric * 3600
       / nullif(extract(epoch from seqconsole.as_interval(seqconsole.limit_setting(x.device, x.owner, 'send_window'))), 0) as hourly
from (
    select case when :'scope' = 'device' then :'key'::text::uuid end as device,
           case :'scope' when 'user' then :'key'::text::uuid
                         when 'device' then (select u.user_id from user_devices u where u.id::text = :'key'::text) end as owner
) x;
