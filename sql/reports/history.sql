-- What happened to one person, the oldest first: enrolled, messages, attempts, replies, receipts, outcomes that no attempt of ours tells of,
-- operations on the person's rows, holds.
with delivery as materialized (
    select d.* from seqconsole.deliveries d where d.phone_key = :'phone_key'::text collate "C"
),
message as materialized (
    select m.id, m.sequence_id, m.sequence_stepid, m.device_id, m.status::text as status, m.error_message::text as error,
           case when m.created_at between '0002-01-01' and '9998-12-31' then m.created_at::timestamptz end as created_at,
           case when m.scheduled_at between '0002-01-01' and '9998-12-31' then m.scheduled_at::timestamptz end as scheduled_at,
           case when m.sent_at between '0002-01-01' and '9998-12-31' then m.sent_at::timestamptz end as sent_at
    from broadcast_messages m
    where seqconsole.phone_key(m.recipient_phone) collate "C" = :'phone_key'::text collate "C"
),
attempt as materialized (
    select a.*
    from (select id from message union select message_id from delivery) i
    join seqconsole.attempts a on a.message_id = i.id
    where a.phone_key = :'phone_key'::text collate "C"
),
row_of_person as materialized (
    select 'sequence_contacts' as rel, unnest(:'contact_ids'::uuid[])::text as row_id
    union select 'sequence_contacts', contact_id::text from delivery where contact_id is not null
    union select 'broadcast_messages', id::text from message
    union select 'seqconsole.deliveries', concat_ws('|', phone_key, step_id, run) from delivery
    union select 'seqconsole.holds', concat_ws('|', 'contact', :'phone_key'::text, holder)
          from (values ('operator'), ('gateway'), ('receipt')) as h (holder)
),
told as (
    select m.created_at as at, 'queued' as what, m.sequence_id, m.sequence_stepid as step_id, m.device_id, m.id as message_id,
           case when m.scheduled_at > m.created_at + interval '1 minute' then 'for ' || to_char(m.scheduled_at, 'YYYY-MM-DD HH24:MI')
           end as detail, null::bigint as operation_id, null::text as who, 1 as place
    from message m
    union all
    select a.claimed_at, 'tried', m.sequence_id, a.step_id, a.device_id, a.message_id, null, null, null, 2
    from attempt a left join message m on m.id = a.message_id
    union all
    select coalesce(a.settled_at, a.claimed_at), coalesce(a.outcome, 'sending'), m.sequence_id, a.step_id, a.device_id, a.message_id,
           concat_ws(', ', a.code, 'known from the ' || a.evidence), null, null, 3
    from attempt a left join message m on m.id = a.message_id
    union all
    select x.at, x.what, m.sequence_id, a.step_id, a.device_id, a.message_id, null, null, null, 4
    from attempt a
    cross join lateral (values (a.delivered_at, 'delivered'), (a.read_at, 'read')) as x(at, what)
    left join message m on m.id = a.message_id
    where x.at is not null
    union all
    select d.settled_at, case d.outcome when 's' then 'sent' when 'f' then 'failed' when 'k' then 'skipped' else 'unknown' end,
           m.sequence_id, d.step_id, d.device_id, d.message_id,
           concat_ws(', ', case d.evidence when 'h' then 'found at adoption, or by another program'
                                           when 'o' then 'by an operator''s word' when 'r' then 'known from the receipt' end,
                     case when d.run > 1 then 'run ' || d.run end, m.error),
           null, null, 5
    from delivery d
    left join message m on m.id = d.message_id
    where d.outcome is not null
      and not exists (select 1 from attempt a where a.message_id = d.message_id and a.outcome in ('sent', 'failed', 'unknown'))
    union all
    select coalesce(m.sent_at, m.created_at), m.status, m.sequence_id, m.sequence_stepid, m.device_id, m.id,
           'outside of the ledger: the step has another message', null, null, 6
    from message m
    where not exists (select 1 from delivery d where d.message_id = m.id)
      and not exists (select 1 from attempt a where a.message_id = m.id)
    union all
    select o.at, o.verb, null, null, null, null, concat_ws('; ', o.summary, o.reason), o.id, o.who, 7
    from seqconsole.operations o
    where o.id in (select r.operation_id from row_of_person p
                    join seqconsole.operation_rows r on r.rel = p.rel and r.row_id = p.row_id)
    union all
    select h.since, 'held', null, null, null, null,
           concat_ws(', ', 'by ' || h.holder, nullif(h.reason, ''),
                     case when h.until < 'infinity' then 'until ' || to_char(h.until, 'YYYY-MM-DD HH24:MI') end),
           h.operation_id, null, 8
    from seqconsole.holds h
    where h.scope = 'contact' and h.key = :'phone_key'::text collate "C"
    union all
    select r.at, case r.kind when 's' then 'asked to stop' else 'replied' end, r.sequence_id, null, r.device_id, null, null, null, null, 9
    from seqconsole.replies r
    where r.phone_key = :'phone_key'::text collate "C"
    union all
    select e.at, 'enrolled', e.sequence_id, null, null, null,
           concat_ws(', ', e.source, case when e.run > 1 then 'run ' || e.run end), e.operation_id, o.who, 0
    from sequences s   -- their index begins with the sequence
    join seqconsole.enrolments e on e.sequence_id = s.id and e.phone_key = :'phone_key'::text collate "C"
    join seqconsole.operations o on o.id = e.operation_id
)
select t.at, t.what, coalesce(s.sequence_id, t.sequence_id) as sequence_id, q.name::text as sequence_name, s.day_number,
       t.device_id, u.device_name::text as device_name, t.message_id, nullif(t.detail, '') as detail, t.operation_id, t.who
from told t
left join sequence_steps s on s.id = t.step_id
left join sequences q on q.id = coalesce(s.sequence_id, t.sequence_id)
left join user_devices u on u.id = t.device_id
order by t.at nulls first, t.place, t.message_id
limit :'limit'::int;
