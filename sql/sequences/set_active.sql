-- On or off, in both columns, as the other application reads either.
update sequences
set is_active = :'on'::boolean, status = case when :'on'::boolean then 'active' else 'inactive' end
where id = :'sequence'::uuid;
