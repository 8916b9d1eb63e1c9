-- Contact rows and messages that were taken more than an hour ago and never finished, with what is known of them.
-- No row = none. Read-only. Run:  psql -v country=60 -v zone=Asia/Kuala_Lumpur -f verify_stuck.sql "service=work"
-- zone: the zone of times without one (the server's where none is given).
--   message is sent     -> the row should be completed: sending again would be the second time
--   message is queued   -> it waits for its device: look there
--   in doubt            -> nobody knows whether it went out: a person must decide; never send it again blindly
--   never queued        -> nothing was sent: back to pending is safe
--   nothing             -> older than the oldest message: what was sent then may be gone, so ask before it is sent again
--   failed, skipped     -> the row should say so
\set ON_ERROR_STOP on
\ir phone_key.sql
begin transaction isolation level repeatable read read only;
\if :{?zone}
    select set_config('TimeZone', :'zone', true) as zone_of_times;
\endif
with contact as (
    select id, sequence_id, sequence_stepid::text as step, status::text as status, :phone_key as person,
           coalesce(processing_started_at::timestamptz, next_trigger_time::timestamptz) as since
    from (select id, sequence_id, sequence_stepid, status, contact_phone::text as phone, processing_started_at, next_trigger_time
          from sequence_contacts) c
    where lower(status::text) in ('active', 'processing', 'queued', 'sending')
      and coalesce(processing_started_at::timestamptz, next_trigger_time::timestamptz, '-infinity') < now() - interval '1 hour'
),
message as (
    select id, sequence_stepid::text as step, :phone_key as person, lower(status::text) as status,
           greatest(updated_at::timestamptz, scheduled_at::timestamptz) as since
    from (select id, sequence_stepid, status, recipient_phone::text as phone, updated_at, scheduled_at from broadcast_messages) m
)
select 'contact row' as what, c.id::text as id, c.status, c.since,
       case
           when bool_or(m.status in ('sent', 'success', 'delivered')) then 'its message is sent'
           when bool_or(m.id is not null and coalesce(m.status, '') not in ('pending', 'failed', 'error', 'skipped', 'cancelled',
                                                                            'expired')) then 'in doubt'
           when bool_or(m.status = 'pending') then 'its message is queued'
           when bool_or(m.status in ('failed', 'error')) then 'its message failed'
           when bool_or(m.status in ('skipped', 'cancelled', 'expired')) then 'its message was skipped'
           when (c.since >= (select min(created_at::timestamptz) from broadcast_messages)) is not true then 'nothing'
           else 'never queued'
       end as known
from contact c
left join message m on m.person = c.person and m.step = c.step
group by c.id, c.status, c.since
union all
select 'message', id::text, status, since, 'in doubt'
from message
where coalesce(status, '') not in ('pending', 'sent', 'success', 'delivered', 'failed', 'error', 'skipped', 'cancelled', 'expired')
  and coalesce(since, '-infinity') < now() - interval '1 hour'
order by 1, 4 nulls first, 2;
rollback;
