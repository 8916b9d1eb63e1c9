-- Sequences that their owner runs, with the word that lets a contact in. Included into a WITH.
running as not materialized (
    select id, user_id, name, nullif(btrim(trigger::text), '') as trigger
    from sequences
    where coalesce(is_active, true)
      and lower(coalesce(status::text, 'active')) not in ('inactive', 'paused', 'draft', 'archived', 'stopped')
)
