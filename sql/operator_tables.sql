-- The operator's tables, for a database that has none of them yet (`migrate --fresh`, the embedded databases).
-- A database made by another application keeps its own; only the columns below are relied on (DESIGN 3).
-- Run with search_path set to the operator's schema.

create table user_devices (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_name text,
    phone text,
    jid text,
    status text default 'offline',
    platform text,
    min_delay_seconds int default 5,
    max_delay_seconds int default 15,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);

create table sequences (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    name text not null,
    status text default 'active',
    is_active boolean default true,
    min_delay_seconds int,
    max_delay_seconds int,
    trigger text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);

create table sequence_steps (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid not null references sequences (id),
    day_number int,
    trigger_delay_hours int,
    message_type text default 'text',
    content text,
    media_url text,
    caption text
);
create index sequence_steps_sequence on sequence_steps (sequence_id, day_number);

create table sequence_contacts (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid,
    contact_phone text,
    contact_name text,
    current_step int,
    sequence_stepid uuid,
    status text default 'pending',
    next_trigger_time timestamptz,
    completed_at timestamptz,
    assigned_device_id uuid,
    processing_device_id uuid,
    processing_started_at timestamptz,
    last_error text,
    retry_count int default 0,
    user_id uuid
);

create table broadcast_messages (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_id uuid,
    sequence_id uuid,
    sequence_stepid uuid,
    recipient_phone text,
    recipient_name text,
    message_type text default 'text',
    content text,
    media_url text,
    status text default 'pending',
    error_message text,
    scheduled_at timestamptz,
    sent_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);

create table leads (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_id uuid,
    name text,
    phone text,
    trigger text,
    niche text
);
