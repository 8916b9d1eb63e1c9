-- Repairs, last lock: the contact rows, by id; those that another session holds are left out.
select c.id from sequence_contacts c where c.id = any(:'ids'::uuid[]) order by c.id for update of c skip locked;
