-- no transaction
-- skip when: adopt/unique_key_exists
-- locks: SHARE UPDATE EXCLUSIVE while building, ACCESS EXCLUSIVE for milliseconds to attach the constraint.
-- The key that ON CONFLICT (sequence_id, contact_phone, sequence_stepid) infers. Only where no duplicate is left.
drop index concurrently if exists uk_sequence_contact_stepid;
create unique index concurrently uk_sequence_contact_stepid
    on sequence_contacts (sequence_id, contact_phone, sequence_stepid);
alter table sequence_contacts
    add constraint uk_sequence_contact_stepid unique using index uk_sequence_contact_stepid;
