-- Contact rows and messages of the people of a group: what is settled was sent, the next one stands as they say.
insert into sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, completed_at, assigned_device_id, processing_device_id,
                               processing_started_at, last_error, retry_count, user_id, created_at)
select pg_temp.row_id(v.p, d), v.sequence_id, v.phone, v.name, d, pg_temp.step_id(v.nth, d),
       case when d <= v.settled then 'completed' when d = v.settled + 1 then v.state else 'pending' end,
       x.due, case when d <= v.settled then x.due end, v.device_id,
       case when d = v.settled + 1 and v.state = 'active' then v.device_id end,
       case when d = v.settled + 1 and v.state = 'active' then x.due end,
       case when d = v.settled + 1 and v.state = 'failed' then 'number is not on WhatsApp' end,
       case when d = v.settled + 1 and v.state = 'failed' then 3 else 0 end,
       v.user_id, least(x.due, clock_timestamp()) - interval '7 days'
from people v, generate_series(1, 5) as d,
     lateral (select v.due + interval '1 day' * (d - v.settled - 1) as due) x
where v.grp = any(:'groups'::text[]);

insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, recipient_name,
                                content, status, error_message, scheduled_at, sent_at, created_at, updated_at)
select pg_temp.message_id(v.p, d), v.user_id, v.device_id, v.sequence_id, pg_temp.step_id(v.nth, d), v.phone, v.name,
       'Hello ' || v.name || ', day ' || d,
       case when d <= v.settled then 'sent' when v.state = 'active' then 'pending' else 'failed' end,
       case when d = v.settled + 1 and v.state = 'failed' then 'number is not on WhatsApp' end,
       x.due, case when d <= v.settled then x.due end, x.due, x.due
from people v, generate_series(1, 5) as d,
     lateral (select v.due + interval '1 day' * (d - v.settled - 1) as due) x
where v.grp = any(:'groups'::text[]) and (d <= v.settled or d = v.settled + 1 and v.state in ('active', 'failed'));
