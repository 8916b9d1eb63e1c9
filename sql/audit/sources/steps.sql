-- Steps; see contacts.sql. No delay means 24 hours (DESIGN 4).
steps as not materialized (
    select r.id::text collate "C" as id, nullif(r.sequence_id::text, '') collate "C" as sequence_id,
           r.day_number::int as day, coalesce(r.trigger_delay_hours::int, 24) as delay_hours
    from (values (null::int, null::int)) as missing (day_number, trigger_delay_hours)
    cross join lateral (select id, sequence_id, day_number, trigger_delay_hours from sequence_steps) r
)
