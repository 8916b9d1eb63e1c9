-- A contact by phone, in any spelling; only one that the ledger or the open work knows.
select k.key, k.key as name, true as exact
from (select seqconsole.phone_key(:'text') collate "C" as key) k
where k.key is not null
  and (exists (select 1 from seqconsole.progress p where p.phone_key = k.key)
       or exists (select 1 from seqconsole.deliveries d where d.phone_key = k.key));
