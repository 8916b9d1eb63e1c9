-- Heads that a hold of cold contacts refuses are parked in portions, and given back where no such hold is left.
with held as materialized (
    select d.device_id, max(h.until) as until
    from seqconsole.holds h
    join seqconsole.devices d
      on h.scope = 'all' or h.scope = 'device' and d.device_id::text = h.key
         or h.scope = 'user' and d.user_id::text = h.key or h.scope = 'host' and d.host = h.key
    where h.cold_only and h.until > :'now'::timestamptz
    group by d.device_id
),
cold as materialized (
    select p.track, p.phone_key, p.run, held.until
    from held
    cross join lateral (
        select p.track, p.phone_key, p.run
        from seqconsole.progress p
        where p.device_id = held.device_id and p.state = 'r' and p.at <= :'now'::timestamptz
          and (select 1 from seqconsole.deliveries d
                where d.phone_key = p.phone_key and d.device_id = held.device_id and d.outcome = 's' limit 1) is null
        limit :'limit'::int
        for update skip locked
    ) p
),
parked as (
    update seqconsole.progress p
    set at = cold.until, gate = 'cold'
    from cold
    where p.track = cold.track and p.phone_key = cold.phone_key and p.run = cold.run and p.state = 'r'
    returning 1
),
free as materialized (
    select p.track, p.phone_key, p.run,
           (select max(h.until) from seqconsole.holds h
             where h.scope = 'contact' and h.key = p.phone_key and h.until > :'now'::timestamptz
               and (h.sequences is null or p.sequence_id = any(h.sequences))) as held_until
    from seqconsole.progress p
    where p.gate = 'cold' and p.state = 'r' and p.device_id not in (select device_id from held)
      and (select 1 from seqconsole.holds h
            where h.scope = 'sequence' and h.cold_only and h.key = (p.sequence_id::text collate "C")
              and h.until > :'now'::timestamptz limit 1) is null
    limit :'limit'::int
    for update skip locked
),
given_back as (
    update seqconsole.progress p
    set at = greatest(:'now'::timestamptz, free.held_until), gate = case when free.held_until is not null then 'hold' end
    from free
    where p.track = free.track and p.phone_key = free.phone_key and p.run = free.run
    returning 1
)
select (select count(*) from parked) + (select count(*) from given_back);
