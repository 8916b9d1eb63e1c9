-- Years of an application's work: people in sequences of five steps, three in five of them at the end, their messages,
-- and campaigns. A third of the numbers is written with a plus, blanks and hyphens.
insert into user_devices (id, user_id, device_name, status)
select gen_random_uuid(), gen_random_uuid(), 'device ' || i, 'online' from generate_series(1, 300) i;

insert into sequences (id, name) select gen_random_uuid(), 'sequence ' || i from generate_series(1, 50) i;

insert into sequence_steps (sequence_id, day_number, trigger_delay_hours, content)
select s.id, d, 24, 'hello' from sequences s, generate_series(1, 5) d;

create temp table person as
select i, case when i %% 3 = 0 then '+60 12-' || lpad(i::text, 8, '0') else '6012' || lpad(i::text, 8, '0') end as phone,
       q.id as sequence_id, q.steps, d.id as device_id, d.user_id,
       case when i %% 10 < 6 then 5 else i / 10 %% 5 end as done, i %% 20 = 7 as queued
from generate_series(1, %(rows)s / 5) i
join (select s.id, array_agg(t.id order by t.day_number) as steps, row_number() over () - 1 as n
      from sequences s join sequence_steps t on t.sequence_id = s.id group by s.id) q on q.n = i %% 50
join (select id, user_id, row_number() over () - 1 as n from user_devices) d on d.n = i %% 300;

insert into sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, completed_at, assigned_device_id, user_id)
select p.sequence_id, p.phone, 'Aqil', n, p.steps[n],
       case when n <= p.done then 'completed' when n = p.done + 1 and p.queued then 'active' else 'pending' end,
       now() - interval '1 day' * (p.done - n + 1) + case when n > p.done and not p.queued then interval '10 days'
                                                          else interval '0' end,
       case when n <= p.done then now() - interval '1 day' * (p.done - n + 1) end, p.device_id, p.user_id
from person p, generate_series(1, 5) n;

insert into broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, recipient_phone, recipient_name,
                                content, status, scheduled_at, sent_at)
select p.user_id, p.device_id, p.sequence_id, p.steps[n], p.phone, 'Aqil', 'hello Aqil',
       case when n <= p.done then 'sent' else 'pending' end, now() - interval '1 day' * (p.done - n + 1),
       case when n <= p.done then now() - interval '1 day' * (p.done - n + 1) end
from person p, generate_series(1, 5) n
where n <= p.done or n = p.done + 1 and p.queued;

insert into broadcast_messages (user_id, device_id, recipient_phone, recipient_name, content, status, scheduled_at, sent_at)
select p.user_id, p.device_id, p.phone, 'Aqil', 'news', 'sent', now() - interval '3 days', now() - interval '3 days'
from person p, generate_series(1, 3) c
limit greatest(%(rows)s - (select count(*) from broadcast_messages), 0)
