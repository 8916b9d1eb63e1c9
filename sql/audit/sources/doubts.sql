-- Doubts that an attempt of the engine records: known, charged, and never sent again by themselves (DESIGN 4).
doubts as not materialized (
    select message_id::text collate "C" as message_id, max(claimed_at) as claimed_at
    from seqconsole.attempts
    where outcome = 'unknown'
    group by message_id
)
