-- What these texts are as persons.
select p.phone, seqconsole.phone_key(p.phone) collate "C" as key
from unnest(:'phones'::text[]) as p(phone);
