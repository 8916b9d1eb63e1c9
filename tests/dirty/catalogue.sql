-- Three users, each with devices and two sequences of five steps.
insert into user_devices (id, user_id, device_name, phone, status, platform)
select md5(:'seed' || ':device:' || n)::uuid, md5(:'seed' || ':user:' || n % 3)::uuid, 'Device ' || n,
       '6011' || lpad(n::text, 8, '0'), 'online', 'Whacenter'
from generate_series(0, 3 * :'devices'::int - 1) n;

insert into sequences (id, user_id, name, trigger)
select md5(:'seed' || ':sequence:' || n)::uuid, md5(:'seed' || ':user:' || n % 3)::uuid,
       'Sequence ' || n, 'START' || n
from generate_series(0, 5) n;

insert into sequence_steps (id, sequence_id, day_number, trigger_delay_hours, content)
select md5(:'seed' || ':step:' || n || ':' || d)::uuid, md5(:'seed' || ':sequence:' || n)::uuid, d,
       case d when 1 then 0 else 24 end, 'Sequence ' || n || ', day ' || d
from generate_series(0, 5) n, generate_series(1, 5) d;
