-- Who resolved this group last: the row that is left is in the journal.
select o.id, o.who, o.at
from sequence_contacts c
join seqconsole.operation_rows r on r.rel = 'sequence_contacts' and r.row_id = c.id::text and r.unit = :'key'
join seqconsole.operations o on o.id = r.operation_id
where c.sequence_id = :'sequence'::uuid and seqconsole.phone_key(c.contact_phone) = (:'phone'::text collate "C")
  and c.sequence_stepid = :'step'::uuid and o.verb = 'resolve' and o.undone_by is null
order by o.id desc
limit 1;
