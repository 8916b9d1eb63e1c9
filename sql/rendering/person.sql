-- A contact of a sequence, by any spelling of the number; without one, the first.
select seqconsole.phone_key(c.contact_phone) as phone, c.contact_name::text as name
from sequence_contacts c
where c.sequence_id = :'sequence'::uuid
  and (:'phone'::text is null or seqconsole.phone_key(c.contact_phone) = seqconsole.phone_key(:'phone'))
  and seqconsole.phone_key(c.contact_phone) is not null
order by seqconsole.phone_key(c.contact_phone)
limit 1;
