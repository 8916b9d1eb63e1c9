-- locks: none on the operator's tables.
-- Our tables (DESIGN 3). Times are timestamptz whatever the operator's columns are.

-- The truth about who got what. Permanent and narrow: one insert, one update when it is settled.
-- outcome: s sent, f failed, k skipped, u in doubt; NULL while open. evidence: g gateway, j journal,
-- r receipt, o operator, h history (found at adoption). A message without a step is its own step.
create table seqconsole.deliveries (
    phone_key text collate "C" not null,
    step_id uuid not null,
    run smallint not null default 1,
    message_id uuid not null,
    contact_id uuid,
    device_id uuid,
    outcome "char" check (outcome in ('s', 'f', 'k', 'u')),
    evidence "char" check (evidence in ('g', 'j', 'r', 'o', 'h')),
    settled_at timestamptz,
    primary key (phone_key, step_id, run)
) with (fillfactor = 90);
create index deliveries_message on seqconsole.deliveries (message_id);

-- Open work only: the one open step of a contact in a sequence, or one open campaign message.
-- state: w waiting for its time, r ready in the queue, s sending, u in doubt, f failed and holding.
-- at: due (w), ready from (r), end of the lease (s), infinity while gate says why (any).
create table seqconsole.progress (
    track uuid not null,
    phone_key text collate "C" not null,
    run smallint not null default 1,
    sequence_id uuid not null,
    step_id uuid,
    contact_id uuid,
    message_id uuid,
    device_id uuid,
    state "char" not null check (state in ('w', 'r', 's', 'u', 'f')),
    at timestamptz not null,
    gate text,
    due_at timestamptz,
    tries smallint not null default 0,
    attempt_id uuid,
    claimed_at timestamptz,
    primary key (track, phone_key, run)
) with (fillfactor = 70);
create index progress_schedule on seqconsole.progress (at) where state = 'w';
create index progress_claim on seqconsole.progress (device_id, sequence_id, at, message_id) where state = 'r';
create index progress_recover on seqconsole.progress (at) where state = 's';
create unique index progress_message on seqconsole.progress (message_id) where message_id is not null;
create index progress_phone on seqconsole.progress (phone_key);
create index progress_gate on seqconsole.progress (gate, at) where gate is not null;
create index progress_in_doubt on seqconsole.progress (device_id) where state = 'u';

-- Evidence: one row a try, by day. charge = the entry in the device's ring that this attempt holds.
create table seqconsole.attempts (
    id uuid not null,
    claimed_at timestamptz not null,
    message_id uuid not null,
    phone_key text collate "C" not null,
    step_id uuid not null,
    run smallint not null default 1,
    device_id uuid not null,
    worker_id uuid not null,
    lease_until timestamptz not null,
    charge timestamptz,
    outcome text check (outcome in ('sent', 'failed', 'retry', 'never_sent', 'unknown')),
    evidence text check (evidence in ('gateway', 'journal', 'receipt', 'operator')),
    code text,
    gateway_id text,
    body text,
    settled_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    primary key (claimed_at, id)
) partition by range (claimed_at);
create table seqconsole.attempts_default partition of seqconsole.attempts default;
create index attempts_message on seqconsole.attempts (message_id);
create index attempts_device on seqconsole.attempts (device_id, claimed_at);
create index attempts_gateway on seqconsole.attempts (gateway_id) where gateway_id is not null;

-- The throttle of a device, and what its gateway last proved. ring: an upper bound of the time of each
-- of the last sends. slot_at: the device may not be claimed before it. Limits are the effective ones.
create table seqconsole.devices (
    device_id uuid primary key,
    user_id uuid,
    host text,
    slot_at timestamptz not null,
    ring timestamptz[] not null default '{}',
    last_lanes uuid[] not null default '{}',
    send_limit int not null default 80 check (send_limit >= 0),
    send_window interval not null default '1 hour' check (send_window > interval '0'),
    gap_min interval not null default '5 seconds',
    gap_max interval not null default '15 seconds',
    failures int not null default 0,
    gateway_state text,
    proven_at timestamptz,
    last_sent_at timestamptz,
    check (gap_min >= interval '0' and gap_max >= gap_min)
) with (fillfactor = 50);
create index devices_slot on seqconsole.devices (slot_at);

-- Reasons not to send. scope: all | user | host | device | sequence | contact; key: its id as text.
create table seqconsole.holds (
    scope text not null check (scope in ('all', 'user', 'host', 'device', 'sequence', 'contact')),
    key text collate "C" not null default '',
    holder text not null,
    cold_only boolean not null default false,
    reason text,
    until timestamptz not null default 'infinity',
    operation_id bigint,
    since timestamptz not null default seqconsole.now(),
    primary key (scope, key, holder)
);

-- What people did by hand: who, when, why, and each row before and after.
create table seqconsole.operations (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    who text not null,
    verb text not null,
    reason text,
    target jsonb not null default '{}',
    pinned text,
    n int not null,
    summary text not null,
    undoes bigint references seqconsole.operations (id),
    undone_by bigint references seqconsole.operations (id)
);
create index operations_who on seqconsole.operations (who, id);

-- after is NULL: the row was removed, and before is its archive; before is NULL: the row was added.
create table seqconsole.operation_rows (
    operation_id bigint not null references seqconsole.operations (id),
    unit text not null,
    rel text not null,
    row_id text not null,
    before json,
    after json,
    primary key (operation_id, rel, row_id)
);
create index operation_rows_row on seqconsole.operation_rows (rel, row_id);

-- One append-only feed: deltas of the counters, and the rows that other writers touched.
create table seqconsole.changes (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    kind text not null,
    ids uuid[] not null default '{}',
    tracks uuid[] not null default '{}',
    phones text[] not null default '{}',
    delta jsonb not null default '[]',
    detail jsonb not null default '{}'
);

-- scope: device (key = device, state of messages) | step (key = sequence, step_id, state of contact rows).
create table seqconsole.counters (
    scope text not null,
    key uuid not null,
    step_id uuid not null default '00000000-0000-0000-0000-000000000000',
    state text not null,
    n bigint not null,
    version bigint not null,
    primary key (scope, key, step_id, state)
) with (fillfactor = 60);
create index counters_version on seqconsole.counters (version);
create sequence seqconsole.version;

-- subject: what the finding is about, where that is not its key (a duplicate group: sequence|person).
create table seqconsole.findings (
    kind text not null,
    key text collate "C" not null,
    subject text collate "C",
    ids uuid[] not null default '{}',
    detail jsonb not null default '{}',
    since timestamptz not null,
    version bigint not null,
    primary key (kind, key)
);

create index findings_subject on seqconsole.findings (kind, subject) where subject is not null;

-- (gateway, code) -> class, foreign status -> state.
create table seqconsole.codes (
    source text not null,
    code text not null,
    meaning text not null,
    wait interval,
    cites text,
    as_of date,
    primary key (source, code)
);

create table seqconsole.workers (
    id uuid primary key,
    host text not null,
    pid int not null,
    version text not null,
    started_at timestamptz not null,
    ticked_at timestamptz not null,
    lag interval not null default '0',
    sending int not null default 0,
    draining boolean not null default false
);
