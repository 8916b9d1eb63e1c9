-- The texts of what would be sent first, cut short.
select left(coalesce(m.content::text, s.content::text, s.caption::text, ''), 160) as text
from (
    select p.message_id, p.step_id, p.at
    from seqconsole.progress p
    where p.state in ('r', 'w') and p.at <= :'now'::timestamptz
    order by p.at, p.track, p.phone_key
    limit 3
) p
left join broadcast_messages m on m.id = p.message_id
left join sequence_steps s on s.id = p.step_id
order by p.at;
