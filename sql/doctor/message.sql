-- Messages of steps with their person, as in contact.sql. Included into a WITH.
message as not materialized (
    select r.*, coalesce(
-- include: audit/phone_key
        , btrim(phone)) collate "C" as person
    from (
        select id, sequence_id, sequence_stepid as step_id, lower(status::text) as status, recipient_phone::text as phone
        from broadcast_messages
        where sequence_stepid is not null
    ) r
)
