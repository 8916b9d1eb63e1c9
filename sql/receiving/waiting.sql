-- Receipts that are to be looked at again.
select distinct r.gateway_id
from (select gateway_id from seqconsole.receipts
       where look_at <= :'now'::timestamptz
       order by look_at
       limit :'limit'::int) r
order by r.gateway_id;
