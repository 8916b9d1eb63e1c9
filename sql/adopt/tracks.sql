-- The next portion of tracks (sequence, person), in the order of the index seqconsole_contact_person.
select distinct c.sequence_id as track, seqconsole.phone_key(c.contact_phone) collate "C" as phone
from sequence_contacts c
where (c.sequence_id, seqconsole.phone_key(c.contact_phone) collate "C")
      > (:'after_track'::uuid, :'after_phone'::text collate "C")
  and seqconsole.phone_key(c.contact_phone) collate "C" is not null
order by 1, 2
limit :'limit'::int;
