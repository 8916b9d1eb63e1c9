-- How far what is written as past lies ahead of the clock. Included into a WITH. A tenth of a day's rows ahead is
-- the zone; fewer are a query that adds hours by hand.
past as not materialized (
    select id, greatest(sent_at, created_at)::timestamptz as at, recipient_phone::text as phone
    from broadcast_messages
    where isfinite(greatest(sent_at, created_at))
),
kept as materialized (
    select coalesce(array_agg(c.relname || '.' || a.attname order by c.relname, a.attname), '{}') as naive
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.oid in (to_regclass('broadcast_messages'), to_regclass('sequence_contacts'))
      and a.atttypid = 'timestamp'::regtype and a.attnum > 0 and not a.attisdropped
      and a.attname in ('sent_at', 'created_at', 'updated_at', 'scheduled_at', 'next_trigger_time', 'completed_at',
                        'processing_started_at')
),
ahead as materialized (
    select max(at) as newest,
           percentile_disc(0.99) within group (order by at) filter (where at > :'now'::timestamptz - interval '1 day') as latest,
           count(*) filter (where at > :'now'::timestamptz + interval '5 minutes') as n,
           10 * count(*) filter (where at > :'now'::timestamptz + interval '5 minutes')
               >= greatest(count(*) filter (where at > :'now'::timestamptz - interval '1 day'), 1) as is_zone
    from past
)
