-- Switch-on: what any sender sent in the last window is charged (DESIGN 5), so that a restart or a change of
-- program never doubles the hour. Sends of ours already have their entry.
with sent as (
    select m.device_id, m.sent_at::timestamptz as at
    from broadcast_messages m
    join seqconsole.devices d on d.device_id = m.device_id
    where m.sent_at > :'now'::timestamptz - (select max(send_window) from seqconsole.devices)
      and m.sent_at::timestamptz > :'now'::timestamptz - d.send_window
      and m.sent_at <= :'now'::timestamptz + interval '1 day'
      and not exists (select 1 from seqconsole.attempts a where a.message_id = m.id)
),
foreign_ring as (
    select device_id, array_agg(at order by at) as entries from sent group by device_id
),
ours as (
    select a.device_id, array_agg(a.charge order by a.charge) as entries
    from seqconsole.attempts a
    where a.claimed_at > :'now'::timestamptz - (select max(send_window) from seqconsole.devices) - interval '1 hour'
      and a.charge is not null
    group by a.device_id
),
ring as (
    select d.device_id, d.send_limit, d.send_window, d.slot_at,
           array(select e from unnest(coalesce(f.entries, '{}') || coalesce(o.entries, '{}')) as e
                 where e > :'now'::timestamptz - d.send_window order by e) as entries
    from seqconsole.devices d
    left join foreign_ring f using (device_id)
    left join ours o using (device_id)
)
update seqconsole.devices d
set ring = r.entries,
    slot_at = greatest(
        r.slot_at,
        case when cardinality(r.entries) >= r.send_limit and r.send_limit > 0
             then r.entries[cardinality(r.entries) - r.send_limit + 1] + r.send_window end)
from ring r
where r.device_id = d.device_id and r.entries is distinct from d.ring;
