-- Contact rows of a sequence, a page at a time in the order of the index seqconsole_contact_person: by person, then
-- id; rows whose phone is none come last. The nil step asks for rows without a known step of this sequence.
with page as materialized (
    select * from (
        (select c.*, seqconsole.phone_key(c.contact_phone) collate "C" as person
         from sequence_contacts c
         where c.sequence_id = :'sequence_id'::uuid
           and not :'after_none'::bool
           and seqconsole.phone_key(c.contact_phone) collate "C" >= :'after_phone'::text collate "C"
           and (seqconsole.phone_key(c.contact_phone) collate "C" > :'after_phone'::text collate "C"
                or c.id > :'after_id'::uuid)
           and (:'step_id'::uuid is null or c.sequence_stepid = :'step_id'::uuid
                or :'unlinked'::bool and not exists (
                    select 1 from sequence_steps s where s.id = c.sequence_stepid and s.sequence_id = c.sequence_id))
           and (:'state'::text is null or seqconsole.contact_state(c.status::text) = :'state'::text)
         order by seqconsole.phone_key(c.contact_phone) collate "C", c.id
         limit :'limit'::int)
        union all
        (select c.*, null
         from sequence_contacts c
         where c.sequence_id = :'sequence_id'::uuid
           and seqconsole.phone_key(c.contact_phone) collate "C" is null
           and (not :'after_none'::bool or c.id > :'after_id'::uuid)
           and (:'step_id'::uuid is null or c.sequence_stepid = :'step_id'::uuid
                or :'unlinked'::bool and not exists (
                    select 1 from sequence_steps s where s.id = c.sequence_stepid and s.sequence_id = c.sequence_id))
           and (:'state'::text is null or seqconsole.contact_state(c.status::text) = :'state'::text)
         order by c.id
         limit :'limit'::int)
    ) both_kinds
    order by person nulls last, id
    limit :'limit'::int
)
select c.id, c.sequence_id, left(q.name::text, 500) as sequence_name, c.sequence_stepid as step_id, s.day_number,
       left(c.contact_name::text, 500) as name, left(c.contact_phone::text, 500) as phone, c.person as phone_key,
       left(coalesce(c.status::text, ''), 500) as status,
       case when c.next_trigger_time between '0002-01-01' and '9998-12-31' then c.next_trigger_time::timestamptz end
           as next_trigger_time,
       case when c.completed_at between '0002-01-01' and '9998-12-31' then c.completed_at::timestamptz end as completed_at,
       left(u.device_name::text, 500) as device_name,
       case p.state when 'w' then 'waiting' when 'r' then 'ready' when 's' then 'sending' when 'u' then 'unknown'
                    when 'f' then 'failed' end as open_state,
       case when p.at between '0002-01-01' and '9998-12-31' then p.at end as at,
       p.gate, left(c.last_error::text, 500) as last_error, m.id as message_id, left(m.status::text, 500) as message_status
from page c
left join sequences q on q.id = c.sequence_id
left join sequence_steps s on s.id = c.sequence_stepid
left join seqconsole.progress p
       on p.track = c.sequence_id and p.phone_key = c.person and p.run = 1 and p.step_id = c.sequence_stepid
left join seqconsole.deliveries d on d.phone_key = c.person and d.step_id = c.sequence_stepid and d.run = 1
left join broadcast_messages m on m.id = coalesce(p.message_id, d.message_id)
left join user_devices u on u.id = coalesce(c.assigned_device_id, p.device_id, d.device_id)
order by c.person nulls last, c.id;
