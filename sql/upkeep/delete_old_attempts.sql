-- The same for attempts of days without a partition of their own, a portion at a time.
delete from seqconsole.attempts_default
where ctid = any(array(
    select a.ctid
    from seqconsole.attempts_default a
    where a.claimed_at < :'now'::timestamptz - greatest(
            coalesce((select seqconsole.as_interval(s.value #>> '{}') from seqconsole.settings s
                       where s.scope = 'default' and s.key = '' and s.name = 'attempts_retention'), interval '90 days'),
            coalesce((select max(d.send_window) from seqconsole.devices d), interval '0') + interval '3 days')
      and not (coalesce(a.outcome, 'unknown') = 'unknown' and exists (
            select 1 from broadcast_messages m
            where m.id = a.message_id and lower(m.status::text) in ('sending', 'unknown')))
    limit :'limit'::int
    for update skip locked));
