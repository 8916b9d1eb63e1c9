-- A unique index with the right columns and a WHERE: ON CONFLICT (columns) can't infer it.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
create unique index uq_sequence_contact_step_open on sequence_contacts (sequence_id, contact_phone, sequence_stepid)
    where status not in ('completed', 'failed') and sequence_stepid <> md5(:'seed' || 'old' )::uuid
      and contact_name not like 'Copy%';
select 'uq_sequence_contact_step_open', 'uq_sequence_contact_step_open';
