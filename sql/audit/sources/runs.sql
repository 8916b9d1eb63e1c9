-- Steps that a person is allowed more than once: by an audited operation, never by chance (DESIGN 3).
runs as not materialized (
    select phone_key as person, step_id::text collate "C" as step_id, count(*) as n
    from seqconsole.deliveries
    where run > 1
    group by phone_key, step_id
)
