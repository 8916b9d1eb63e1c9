-- When steps were completed, where the row does not say so yet.
update sequence_contacts c
set completed_at = w.at
from unnest(:'ids'::uuid[], :'ats'::timestamptz[]) as w(id, at)
where c.id = w.id and c.completed_at is null;
