-- Open work of campaign messages after their outcome: done, in doubt, or ready again.
with message as materialized (
    select p.track, p.phone_key, p.run, m.status::text as status, m.scheduled_at::timestamptz as scheduled_at
    from seqconsole.progress p
    left join broadcast_messages m on m.id = p.message_id
    where p.track = any(:'ids'::uuid[]) and p.track = p.message_id
),
done as (
    delete from seqconsole.progress p
    using message m
    where p.track = m.track and p.phone_key = m.phone_key and p.run = m.run
      and coalesce(m.status, '') not in ('pending', 'sending', 'unknown')
)
update seqconsole.progress p
set state = case m.status when 'unknown' then 'u' else 'r' end::"char",
    at = case m.status when 'unknown' then 'infinity' else greatest(m.scheduled_at, :'now'::timestamptz) end,
    gate = case m.status when 'unknown' then 'unknown' end
from message m
where p.track = m.track and p.phone_key = m.phone_key and p.run = m.run and m.status in ('pending', 'unknown');
