-- no transaction
-- What an interrupted or failed CREATE INDEX CONCURRENTLY leaves behind.
create unique index concurrently uk_contact_status on sequence_contacts (status);
