-- locks: none on the operator's tables.
-- What people and gateways answer: receipts, replies, and holds of a contact that count in some sequences only.

-- The best that is known of a send: d delivered, r read, f not delivered after all.
alter table seqconsole.deliveries add column receipt "char";
alter table seqconsole.deliveries
    add constraint deliveries_receipt check (receipt in ('d', 'r', 'f')) not valid;

alter table seqconsole.attempts add column refused_at timestamptz, add column refused_code text;

-- A contact's hold may count in these sequences only; NULL: in every one.
alter table seqconsole.holds add column sequences uuid[];

-- Receipts that no settled attempt explains: one may be faster than our own settle. kind: a accepted, d delivered,
-- r read, f refused, o written by hand on the phone. What finds its attempt leaves this table; the rest goes after a week.
create table seqconsole.receipts (
    gateway_id text collate "C" not null,
    kind "char" not null check (kind in ('a', 'd', 'r', 'f', 'o')),
    at timestamptz not null,
    seen_at timestamptz not null,
    look_at timestamptz not null,
    device_id uuid,
    phone_key text collate "C",
    attempt_id uuid,
    code text,
    primary key (gateway_id, kind)
) with (fillfactor = 70);
create index receipts_look on seqconsole.receipts (look_at);
create index receipts_person on seqconsole.receipts (phone_key, device_id) where phone_key is not null;

-- Who answered, when, and in which sequence; never what. kind: s stop, p any other. ending: sequences of which the
-- steps that are left are still to be skipped, looked at again at look_at.
create table seqconsole.replies (
    reply_id text collate "C" not null,
    phone_key text collate "C" not null,
    device_id uuid,
    sequence_id uuid,
    kind "char" not null check (kind in ('s', 'p')),
    at timestamptz not null,
    seen_at timestamptz not null,
    ending uuid[],
    look_at timestamptz,
    primary key (phone_key, reply_id)
);
create index replies_ending on seqconsole.replies (look_at) where ending is not null;

insert into seqconsole.settings (scope, name, value) values
    ('default', 'stop_words',
     '{"en": ["stop", "stop all", "stopall", "unsubscribe", "opt out", "optout"],
       "ms": ["berhenti", "henti", "hentikan", "batal langganan", "jangan hantar lagi"],
       "id": ["berhenti", "hentikan", "berhenti langganan", "jangan kirim lagi"]}')
on conflict do nothing;
