-- The operator's tables as other applications make them: wide, loose, with columns of their own, no foreign key.
-- MOMENT stands for the type of their times.

create table user_devices (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_name varchar(255) not null,
    phone varchar(50),
    jid varchar(255),
    status varchar(50) default 'offline',
    platform varchar(50),
    webhook_id varchar(255),
    min_delay_seconds int default 5,
    max_delay_seconds int default 15,
    created_at MOMENT default current_timestamp,
    updated_at MOMENT default current_timestamp
);

create table sequences (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_id uuid,
    name varchar(255) not null,
    description text,
    niche varchar(255),
    status varchar(50) default 'active',
    is_active boolean default true,
    min_delay_seconds int,
    max_delay_seconds int,
    trigger varchar(255),
    total_days int,
    created_at MOMENT default current_timestamp,
    updated_at MOMENT default current_timestamp
);

create table sequence_steps (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid,
    day_number int,
    trigger varchar(255),
    next_trigger varchar(255),
    trigger_delay_hours int,
    is_entry_point boolean default false,
    message_type varchar(50) default 'text',
    content text,
    media_url text,
    caption text
);

create table sequence_contacts (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid,
    contact_phone varchar(64),
    contact_name varchar(255),
    current_step int,
    current_trigger varchar(255),
    sequence_stepid uuid,
    status varchar(50) default 'pending',
    next_trigger_time MOMENT,
    completed_at MOMENT,
    assigned_device_id uuid,
    processing_device_id uuid,
    processing_started_at MOMENT,
    last_error text,
    retry_count int default 0,
    user_id uuid,
    created_at MOMENT default current_timestamp
);

create table broadcast_messages (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_id uuid,
    campaign_id int,
    sequence_id uuid,
    sequence_stepid uuid,
    recipient_phone varchar(64),
    recipient_name varchar(255),
    message_type varchar(50) default 'text',
    content text,
    media_url text,
    status varchar(50) default 'pending',
    error_message text,
    group_id varchar(255),
    processing_worker_id varchar(255),
    scheduled_at MOMENT,
    sent_at MOMENT,
    created_at MOMENT default current_timestamp,
    updated_at MOMENT default current_timestamp
);

create table leads (
    id uuid primary key default gen_random_uuid(),
    user_id uuid,
    device_id uuid,
    name varchar(255),
    phone varchar(64),
    trigger varchar(1000),
    niche varchar(255),
    created_at MOMENT default current_timestamp
);
