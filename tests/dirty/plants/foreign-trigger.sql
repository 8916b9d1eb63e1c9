-- A trigger of another application that refuses what its author did not think of.
create or replace function enforce_step_sequence() returns trigger language plpgsql as $$
begin
    if new.status = 'active' and old.status = 'pending'
       and exists (select 1 from sequence_contacts c where c.sequence_id = new.sequence_id
                     and c.contact_phone = new.contact_phone and c.current_step < new.current_step and c.status = 'pending') then
        raise exception 'step % before an earlier one', new.current_step;
    end if;
    return new;
end $$;
create trigger enforce_step_sequence_trigger before update on sequence_contacts
    for each row execute function enforce_step_sequence();
select x, x from (values ('enforce_step_sequence_trigger')) v (x);
