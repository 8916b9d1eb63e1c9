-- The next portion of the queue's history, by person: the ledger of everyone who comes after :'after'. The last person
-- of a full portion may have more messages, so is left to the next one. Of several messages for one step the one with
-- the best evidence has the delivery; a completed contact row of that step belongs to it. NULL: nobody was read to the end.
with read as materialized (
    select m.id, seqconsole.phone_key(m.recipient_phone) collate "C" as phone_key, m.sequence_id,
           coalesce(m.sequence_stepid, m.id) as step_id, m.device_id, lower(m.status::text) as status,
           coalesce(m.sent_at, m.updated_at)::timestamptz as at
    from broadcast_messages m
    where seqconsole.phone_key(m.recipient_phone) collate "C" > :'after'::text collate "C"
    order by seqconsole.phone_key(m.recipient_phone) collate "C"
    limit :'limit'::int
),
edge as (
    select case when count(*) = :'limit'::int then max(phone_key) end as phone_key from read
),
message as (
    select distinct on (r.phone_key, r.step_id) r.*, o.outcome
    from read r
    cross join edge
    left join seqconsole.codes c on c.source = 'foreign' and c.code = r.status,
    lateral (select case coalesce(c.meaning, 'unknown')
                        when 'sent' then 's' when 'failed' then 'f' when 'skipped' then 'k' when 'unknown' then 'u'
                    end::"char" as outcome) o
    where edge.phone_key is null or r.phone_key < edge.phone_key
    order by r.phone_key, r.step_id,
             case o.outcome when 's' then 1 when 'u' then 2 else case when o.outcome is null then 3 else 4 end end,
             r.at, r.id
),
written as (
    insert into seqconsole.deliveries
        (phone_key, step_id, run, message_id, contact_id, device_id, outcome, evidence, settled_at)
    select m.phone_key, m.step_id, 1, m.id, k.id, m.device_id, m.outcome,
           case when m.outcome is not null then 'h'::"char" end,
           case when m.outcome is not null then coalesce(m.at, :'now'::timestamptz) end
    from message m
    left join lateral (
        select c.id
        from sequence_contacts c
        where c.sequence_id = m.sequence_id and seqconsole.phone_key(c.contact_phone) = m.phone_key
          and c.sequence_stepid = m.step_id and c.status::text = 'completed'
        order by c.completed_at, c.id
        limit 1
    ) k on true
    on conflict (phone_key, step_id, run) do nothing
)
select max(phone_key) as after, (select phone_key is not null from edge) as more from message;
