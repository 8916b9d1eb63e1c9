-- When a message of the engine was sent at the latest: a doubt that was settled late keeps the time of its claim.
charges as not materialized (
    select message_id::text collate "C" as message_id, max(charge) as at
    from seqconsole.attempts
    where outcome = 'sent' and charge is not null
    group by message_id
)
