-- Which of these contact rows other tables point at.
select id, referenced_by from seqconsole.referenced('sequence_contacts', :'ids'::uuid[]) order by id, referenced_by;
