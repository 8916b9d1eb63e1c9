-- A database as another application made it: no key at all, extra columns of awkward types. :stamp is its timestamp type.
create type mood as enum ('calm', 'angry');
create table user_devices (id uuid, user_id uuid, device_name varchar(80), phone text, jid text, status varchar(20),
    platform text, min_delay_seconds int, max_delay_seconds int);
create table sequences (id uuid, user_id uuid, name text, status text, is_active boolean,
    min_delay_seconds int, max_delay_seconds int, trigger text);
create table sequence_steps (id uuid, sequence_id uuid, day_number int, trigger_delay_hours int, message_type text,
    content text, media_url text, caption text);
create table sequence_contacts (
    id uuid default gen_random_uuid(), sequence_id uuid, contact_phone varchar(40), contact_name text, current_step int,
    sequence_stepid uuid, status varchar(30), next_trigger_time :stamp, completed_at :stamp, assigned_device_id uuid,
    processing_device_id uuid, processing_started_at :stamp, last_error text, retry_count smallint, user_id uuid,
    raw json, tags jsonb, price numeric(20,10), ratio double precision, seen timestamp, heard timestamptz,
    spans int[], feeling mood, bits bytea, "order" text, code char(5), gone text, lasted interval,
    doubled int generated always as (retry_count * 2) stored
);
alter table sequence_contacts drop column gone;
create table broadcast_messages (
    id uuid default gen_random_uuid(), user_id uuid, device_id uuid, sequence_id uuid, sequence_stepid uuid,
    recipient_phone text, recipient_name text, message_type text, content text, media_url text, status varchar(20),
    error_message text, scheduled_at :stamp, sent_at :stamp, created_at :stamp default now(),
    updated_at :stamp default now(), notes json
);
create table leads (id uuid, user_id uuid, device_id uuid, name text, phone text, trigger text, niche text);

insert into user_devices values ('00000000-0000-0000-0000-0000000000d1', null, 'Alpha', '60', '60@x', 'online', null, 5, 15);
insert into sequences values ('00000000-0000-0000-0000-0000000000a1', null, 'Welcome', 'active', true, null, null, null);
insert into sequence_steps
select ('00000000-0000-0000-0000-0000000000' || to_char(n, 'FM00'))::uuid, '00000000-0000-0000-0000-0000000000a1', n, 0,
       'text', 'hello', null, null
from generate_series(11, 14) n;

-- Every pair of states for one person a pair, some of them in two spellings.
insert into sequence_contacts
    (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status, next_trigger_time, completed_at,
     assigned_device_id, retry_count, raw, tags, price, ratio, seen, heard, spans, feeling, bits, "order", code, lasted)
select '00000000-0000-0000-0000-0000000000a1',
       case when copy = 1 and person % 3 = 0 then '0' else '+60' end || (120000000 + person), E'na''me \\ "é" ' || person,
       1, '00000000-0000-0000-0000-000000000011', status,
       timestamp '2026-01-02 03:04:05.678901' + person * interval '1 minute',
       case when status = 'completed' then timestamp '2026-01-02 03:04:05.000001' end,
       '00000000-0000-0000-0000-0000000000d1', copy,
       case person % 4 when 0 then '{"b" : 1,  "a":[1.0, null], "b":2}' when 1 then 'null' when 2 then '"\u00e9 x"' end::json,
       case person % 3 when 0 then 'null' when 1 then '{"a": 1.10}' end::jsonb,
       1.50 + person / 7.0, case person % 3 when 0 then 'NaN' when 1 then 0.1 + 0.2 else '-0' end::double precision,
       case person % 2 when 0 then timestamp '0044-03-15 12:00:00 BC' else 'infinity' end,
       timestamptz '2026-11-01 01:30:00.123456+08', case person % 3 when 0 then '[0:1]={7,null}'::int[] when 1 then '{}' end,
       case when person % 2 = 0 then 'angry'::mood end, '\x00ff5c27', 'a''b', 'ab', interval '1 mon -2 days 03:04:05.6'
from (select a || ',' || b as pair, array[a, b] as states, row_number() over () as person
      from unnest(array['pending', 'active', 'completed', 'failed', 'skipped', 'paused', 'sent', null]) a,
           unnest(array['pending', 'active', 'completed', 'failed', 'skipped', 'paused', 'sent', null]) b) p,
     unnest(p.states) with ordinality as s(status, copy);

-- A third of the people have messages of every kind.
insert into broadcast_messages
    (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, scheduled_at, sent_at, notes)
select '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000a1',
       '00000000-0000-0000-0000-000000000011', '60' || (120000000 + person), 'hello',
       (array['pending', 'sent', 'failed', 'processing', 'pending'])[1 + person % 5], timestamp '2026-01-02 03:04:05',
       case when person % 5 = 1 then timestamp '2026-01-02 04:00:00.5' end, '{ "x":  1 }'
from generate_series(1, 64, 2) person;
