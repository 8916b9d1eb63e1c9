-- Replies, each once, in the sequence of the last message that this person had from the device; the new ones are counted
-- and returned.
with given as materialized (
    select distinct on (phone_key, reply_id) *
    from (
        select seqconsole.phone_key(x.phone) collate "C" as phone_key, x.reply_id, x.device_id, x.kind, x.at
        from unnest(:'reply_ids'::text[], :'phones'::text[], :'device_ids'::uuid[], :'kinds'::text[], :'ats'::timestamptz[])
             as x(reply_id, phone, device_id, kind, at)
    ) x
    where phone_key is not null
    order by phone_key, reply_id, kind desc, at
),
kept as (
    insert into seqconsole.replies (reply_id, phone_key, device_id, sequence_id, kind, at, seen_at)
    select g.reply_id, g.phone_key, g.device_id, last.sequence_id, g.kind::"char", least(coalesce(g.at, :'now'), :'now'::timestamptz),
           :'now'::timestamptz
    from given g
    left join lateral (
        select s.sequence_id
        from seqconsole.deliveries d
        join sequence_steps s on s.id = d.step_id
        left join lateral (select max(a.claimed_at) as at from seqconsole.attempts a where a.message_id = d.message_id) t on true
        where d.phone_key = g.phone_key and (d.outcome in ('s', 'u') or d.outcome is null and t.at is not null)
          and (g.device_id is null or d.device_id is null or d.device_id = g.device_id)
        order by coalesce(t.at, d.settled_at) desc nulls last, s.sequence_id
        limit 1
    ) last on true
    on conflict (phone_key, reply_id) do nothing
    returning reply_id, phone_key, device_id, sequence_id, kind
),
counted as (
    insert into seqconsole.changes (at, kind, delta)
    select :'now'::timestamptz, 'counters',
           jsonb_agg(jsonb_build_array('reply', c.sequence_id, '00000000-0000-0000-0000-000000000000', c.kind, c.n))
    from (select coalesce(sequence_id, '00000000-0000-0000-0000-000000000000') as sequence_id, kind, count(*) as n
          from kept group by 1, 2) c
    having count(*) > 0
)
select reply_id, phone_key, device_id, kind::text as kind from kept order by phone_key, reply_id;
