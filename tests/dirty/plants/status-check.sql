-- A CHECK that knows only the states of its author.
alter table sequence_contacts add constraint sequence_contacts_status_check
    check (status in ('pending', 'active', 'completed', 'failed', 'tracking', 'paused', 'sequence_failed')) not valid;
select x, x from (values ('sequence_contacts_status_check')) v (x);
