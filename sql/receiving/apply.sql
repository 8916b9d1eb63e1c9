-- Note on attempt and ledger what these receipts say, and count it. A receipt belongs to the attempt with its id; of
-- several with one id, to that of its person. No receipt is older than its attempt, whatever its clock says. What is in flight or in doubt is not noted yet: it must be settled first.
-- Returned are refusals that are new, with the class of their code.
with waiting as materialized (
    select r.*
    from seqconsole.receipts r
    where r.gateway_id = any(:'gateway_ids'::text[])
    order by r.gateway_id, r.kind
    for update
),
named as materialized (
    select w.gateway_id, w.kind, greatest(w.at, a.claimed_at) as at, w.code, a.id, a.claimed_at, a.message_id, a.phone_key, a.step_id, a.run, a.device_id,
           a.refused_at
    from waiting w
    cross join lateral (
        select x.*, count(*) over () as n, count(*) filter (where x.phone_key = w.phone_key) over () as of_person
        from seqconsole.attempts x
        where x.gateway_id = w.gateway_id
    ) a
    where w.kind <> 'o' and (a.n = 1 or a.of_person = 1 and a.phone_key = w.phone_key)
      and a.outcome is not null and a.outcome <> 'unknown'
),
said as materialized (
    select id, claimed_at, min(message_id::text)::uuid as message_id, min(phone_key) as phone_key, min(step_id::text)::uuid as step_id,
           min(run) as run, min(device_id::text)::uuid as device_id, bool_or(refused_at is not null) as known_refused,
           min(at) filter (where kind in ('d', 'r')) as delivered, min(at) filter (where kind = 'r') as read,
           min(at) filter (where kind = 'f') as refused, min(code) filter (where kind = 'f') as code,
           case when bool_or(kind = 'r') then 'r' when bool_or(kind = 'd') then 'd' when bool_or(kind = 'f') then 'f' end as best
    from named
    group by id, claimed_at
),
attempt as (
    update seqconsole.attempts a
    set delivered_at = least(a.delivered_at, s.delivered), read_at = least(a.read_at, s.read),
        refused_at = least(a.refused_at, s.refused), refused_code = least(a.refused_code, s.code)
    from said s
    where a.claimed_at = s.claimed_at and a.id = s.id
      and (a.delivered_at, a.read_at, a.refused_at, a.refused_code)
          is distinct from (least(a.delivered_at, s.delivered), least(a.read_at, s.read), least(a.refused_at, s.refused),
                            least(a.refused_code, s.code))
    returning a.id
),
better as materialized (
    select d.phone_key, d.step_id, d.run, d.message_id, d.receipt as old, s.best as new
    from said s
    join seqconsole.deliveries d
      on d.phone_key = s.phone_key and d.step_id = s.step_id and d.run = s.run and d.message_id = s.message_id
    where d.outcome = 's' and array_position(array['f', 'd', 'r'], s.best) > coalesce(array_position(array['f', 'd', 'r'], d.receipt::text), 0)
),
ledger as (
    update seqconsole.deliveries d
    set receipt = b.new::"char"
    from better b
    where d.phone_key = b.phone_key and d.step_id = b.step_id and d.run = b.run
    returning d.step_id
),
counted as (   -- of a message without a step nobody asks for a sum
    insert into seqconsole.changes (at, kind, delta)
    select :'now'::timestamptz, 'counters',
           jsonb_agg(jsonb_build_array('receipt', c.step_id, '00000000-0000-0000-0000-000000000000', c.state, c.n))
    from (
        select b.step_id, x.state, sum(x.n) as n
        from better b, lateral (values (b.old::text, -1), (b.new, 1)) as x (state, n)
        where b.step_id <> b.message_id and x.state is not null
        group by 1, 2
        having sum(x.n) <> 0
    ) c
    having count(*) > 0
),
done as (
    delete from seqconsole.receipts r
    using named n
    where r.gateway_id = n.gateway_id and r.kind = n.kind
),
over as (
    delete from seqconsole.receipts r
    using waiting w
    where r.gateway_id = w.gateway_id and r.kind = w.kind and w.seen_at < :'now'::timestamptz - interval '7 days'
      and (w.gateway_id, w.kind) not in (select n.gateway_id, n.kind from named n)
),
later as (   -- each look as far ahead as it has waited so far: what nobody will explain costs little
    update seqconsole.receipts r
    set look_at = :'now'::timestamptz + greatest(interval '2 seconds', :'now'::timestamptz - w.seen_at)
    from waiting w
    where r.gateway_id = w.gateway_id and r.kind = w.kind and w.seen_at >= :'now'::timestamptz - interval '7 days'
      and (w.gateway_id, w.kind) not in (select n.gateway_id, n.kind from named n)
)
select s.phone_key, s.device_id, s.code, k.meaning, k.wait
from said s
join attempt on attempt.id = s.id
left join lateral (
    select c.meaning, c.wait from seqconsole.codes c
    where c.code = s.code and c.source <> 'foreign'
    order by c.source
    limit 1
) k on true
where s.refused is not null and not s.known_refused
order by s.phone_key, s.device_id, s.code;
