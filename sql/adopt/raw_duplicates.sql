-- Rows that a unique key on the raw columns would refuse.
select exists (
    select 1 from sequence_contacts
    where sequence_stepid is not null and sequence_id is not null and contact_phone is not null
    group by sequence_id, contact_phone, sequence_stepid
    having count(*) > 1) as found;
