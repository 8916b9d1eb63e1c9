-- What is known of contact rows and messages that a repair is about (DESIGN 4): one row per step of a person, with the
-- hash of all that it was read from. The one place for it: the preview shows this, apply reads it again under lock.
with given as materialized (
    select c.sequence_id as track, seqconsole.phone_key(c.contact_phone) collate "C" as phone_key,
           c.sequence_stepid as step_id, c.id as contact_id, null::uuid as message_id, false as campaign
    from sequence_contacts c
    where c.id = any(:'contacts'::uuid[])
    union all
    select case when m.sequence_stepid is null then m.id else coalesce(s.sequence_id, m.sequence_id, m.id) end,
           seqconsole.phone_key(m.recipient_phone) collate "C", coalesce(m.sequence_stepid, m.id), null, m.id,
           m.sequence_stepid is null
    from broadcast_messages m
    left join sequence_steps s on s.id = m.sequence_stepid
    where m.id = any(:'messages'::uuid[])
),
item as materialized (
    select distinct on (x.contact_id, x.message_id) x.*
    from (
        select g.track, g.phone_key, g.step_id, g.campaign, coalesce(r.copies, 0) as copies,
               coalesce(g.contact_id, r.contact_id) as contact_id,
               coalesce(g.message_id, nullif(d.message_id, '00000000-0000-0000-0000-000000000000')) as message_id,
               d.message_id as ledger_message, d.outcome, d.evidence, d.settled_at, d.contact_id as ledger_contact,
               g.message_id is not null and d.message_id is not null and d.message_id <> g.message_id as surplus
        from given g
        left join seqconsole.deliveries d on d.phone_key = g.phone_key and d.step_id = g.step_id and d.run = 1
        left join lateral (
            select (array_agg(o.id order by o.id))[1] as contact_id, count(*)::int as copies
            from (select c.id, c.sequence_stepid from sequence_contacts c
                   where c.sequence_id = g.track and seqconsole.phone_key(c.contact_phone) = g.phone_key offset 0) o
            where o.sequence_stepid = g.step_id
        ) r on not g.campaign
    ) x
    order by x.contact_id, x.message_id
),
tried as materialized (
    select i.message_id, count(*)::int as n, bool_or(a.outcome is null) as open,
           bool_or(a.evidence = 'operator' and a.outcome = 'failed') as was_doubt,
           (array_agg(a.id order by a.claimed_at desc))[1] as id, max(a.claimed_at) as claimed_at,
           (array_agg(a.outcome order by a.claimed_at desc))[1] as outcome,
           (array_agg(a.code order by a.claimed_at desc))[1] as code
    from item i
    join seqconsole.attempts a on a.message_id = i.message_id
    group by i.message_id
)
select i.track, i.phone_key, i.step_id, i.campaign, i.surplus, i.copies, st.day_number::int as day_number,
       st.id is not null as step_known,
       i.contact_id, c.status::text as contact_status, seqconsole.contact_state(c.status::text) as contact_state,
       cc.meaning as contact_meaning,
       c.processing_device_id is not null
           and c.processing_started_at::timestamptz > :'now'::timestamptz - interval '30 minutes' as claimed,
       i.message_id, m.status::text as message_status,
       case when m.id is not null then coalesce(mc.meaning, 'unknown') end as meaning,
       i.ledger_message, i.outcome::text as outcome,
       coalesce(m.sent_at::timestamptz, i.settled_at, t.claimed_at)::text as sent_at,
       coalesce(t.n, 0) as tries, coalesce(t.open, false) as open_attempt, coalesce(t.was_doubt, false) as was_doubt,
       t.id as attempt_id, t.claimed_at as attempt_claimed_at, t.outcome as attempt_outcome, t.code as attempt_code,
       p.state::text as work_state, p.gate as work_gate,
       exists (select 1 from seqconsole.codes k
                where k.source <> 'foreign' and k.code = t.code and k.meaning in ('fail', 'suppress'))
         or exists (select 1 from seqconsole.holds h
                     where h.scope = 'contact' and h.key = i.phone_key and h.holder = 'suppression'
                       and h.until > :'now'::timestamptz) as permanent,
       exists (select 1 from seqconsole.settings y
                where y.scope = 'sequence' and y.key = i.track::text and y.name = 'on_failure'
                  and y.value #>> '{}' = 'skip') as skips_failed,
       coalesce(l.sent, false) as later_sent, coalesce(l.open, false) as later_open,
       c.current_step::int as day, k.step_id as link_step, coalesce(k.rivals, 0) as link_rivals,
       coalesce(k.taken, false) as link_taken, coalesce(k.renumbered, false) as link_renumbered, k.outcome::text as link_outcome,
       c.completed_at::timestamptz::text as completed_at,
       hashtextextended(concat_ws(E'\n', (c.*)::text, (m.*)::text, i.ledger_message, i.outcome, i.evidence, i.settled_at,
                                  i.ledger_contact, i.copies, t.id, t.outcome, t.n, p.state, p.step_id, p.attempt_id,
                                  l.sent, l.open, k.step_id, k.rivals, k.taken, k.outcome), 0) as pin
from item i
left join sequence_contacts c on c.id = i.contact_id
left join broadcast_messages m on m.id = i.message_id
left join sequence_steps st on st.id = i.step_id and st.sequence_id = i.track
left join tried t on t.message_id = i.message_id
left join seqconsole.progress p
  on p.track = i.track and p.phone_key = i.phone_key and p.run = 1 and p.step_id = i.step_id
left join seqconsole.codes cc on cc.source = 'foreign' and cc.code = lower(c.status::text)
left join seqconsole.codes mc on mc.source = 'foreign'
      and mc.code = case lower(m.status::text) when 'unknown' then 'sending' else lower(m.status::text) end
left join lateral (   -- the step that the day decides, for a row that names none
    select s.id as step_id, d.outcome,
           (select count(*)::int from (select o.id, o.current_step, o.sequence_stepid from sequence_contacts o
                                        where o.sequence_id = i.track
                                          and seqconsole.phone_key(o.contact_phone) = i.phone_key offset 0) o
             where o.id <> c.id and o.current_step = c.current_step
               and not exists (select 1 from sequence_steps x where x.id = o.sequence_stepid and x.sequence_id = i.track)) as rivals,
           exists (select 1 from (select o.sequence_stepid from sequence_contacts o
                                   where o.sequence_id = i.track
                                     and seqconsole.phone_key(o.contact_phone) = i.phone_key offset 0) o
                    where o.sequence_stepid = s.id) as taken,
           exists (select 1 from seqconsole.operation_rows r
                    join seqconsole.operations o on o.id = r.operation_id and o.undone_by is null
                    where r.rel = 'sequence_steps' and o.verb = 'decide order'
                      and r.row_id in (select x.id::text from sequence_steps x where x.sequence_id = i.track)
                      and c.current_step in ((r.before ->> 'day_number')::int, (r.after ->> 'day_number')::int)) as renumbered,
           s.day_number
    from sequence_steps s
    left join seqconsole.deliveries d on d.phone_key = i.phone_key and d.step_id = s.id and d.run = 1
    where st.id is null and c.id is not null and s.sequence_id = i.track and s.day_number = c.current_step
      and (select count(*) from sequence_steps o
            where o.sequence_id = i.track and o.day_number = c.current_step) = 1
) k on true
left join lateral (   -- how far this person is beyond it
    select bool_or(seqconsole.contact_state(o.status::text) = 'completed' or d.outcome = 's') as sent,
           bool_or(lower(o.status::text) = 'active') as open
    from (select n.id, n.status, n.sequence_stepid from sequence_contacts n
           where n.sequence_id = i.track and seqconsole.phone_key(n.contact_phone) = i.phone_key offset 0) o
    join sequence_steps os on os.id = o.sequence_stepid and os.day_number > coalesce(st.day_number, k.day_number)
    left join seqconsole.deliveries d on d.phone_key = i.phone_key and d.step_id = o.sequence_stepid and d.run = 1
    where not i.campaign
) l on true
order by i.track, i.phone_key, st.day_number, i.contact_id, i.message_id;
