-- Days whose attempts may go: their partition ends before the retention and before anything that a window or a
-- lease could still ask for, and it holds no attempt of a message that is being sent or in doubt.
with cutoff as (
    select :'now'::timestamptz - greatest(
        coalesce((select seqconsole.as_interval(s.value #>> '{}') from seqconsole.settings s
                   where s.scope = 'default' and s.key = '' and s.name = 'attempts_retention'), interval '90 days'),
        coalesce((select max(d.send_window) from seqconsole.devices d), interval '0') + interval '3 days') as at
),
kept as (
    select to_date(substr(c.relname, 10), 'YYYYMMDD') as day
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'seqconsole.attempts'::regclass and c.relname ~ '^attempts_[0-9]{8}$'
)
select kept.day
from kept, cutoff
where (kept.day + 1)::timestamp at time zone 'UTC' <= cutoff.at
  and not exists (
        select 1
        from seqconsole.attempts a
        join broadcast_messages m on m.id = a.message_id
        where a.claimed_at >= kept.day::timestamp at time zone 'UTC'
          and a.claimed_at < (kept.day + 1)::timestamp at time zone 'UTC'
          and coalesce(a.outcome, 'unknown') = 'unknown'
          and lower(m.status::text) in ('sending', 'unknown'))
order by kept.day;
