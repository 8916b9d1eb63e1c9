-- The keys that `drop_keys` took away, under their names.
alter table sequence_contacts add constraint sequence_contacts_pkey primary key (id);
alter table broadcast_messages add constraint broadcast_messages_pkey primary key (id);
