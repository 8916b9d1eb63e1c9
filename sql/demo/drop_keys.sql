-- Random ids fill a btree slowly: the two large tables are loaded without their keys.
alter table sequence_contacts drop constraint sequence_contacts_pkey;
alter table broadcast_messages drop constraint broadcast_messages_pkey;
