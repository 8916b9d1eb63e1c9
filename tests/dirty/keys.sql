-- The key that ON CONFLICT needs, and the indexes that such an application usually has.
alter table sequence_contacts
    add constraint uk_sequence_contact_stepid unique (sequence_id, contact_phone, sequence_stepid);
create index idx_sequence_contacts_status on sequence_contacts (status, next_trigger_time);
create index idx_broadcast_messages_status on broadcast_messages (status, scheduled_at);
create index idx_sequence_steps_sequence on sequence_steps (sequence_id);
