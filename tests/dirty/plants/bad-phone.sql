-- What can't be a phone: a group, a linked id, a word, nothing.
update sequence_contacts c
set contact_phone = (array['12036304' || v.p || '@g.us', '1234567' || v.p || '001', 'ask ' || v.p, null, '+0' || v.p])[1 + v.p % 5]
from people v, generate_series(2, 5) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d)
returning c.id, c.id;
