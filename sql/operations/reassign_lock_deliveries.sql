-- Third lock: the open places in the ledger.
select d.message_id as id
from seqconsole.deliveries d
where d.message_id = any(:'ids'::uuid[]) and d.outcome is null
order by d.phone_key, d.step_id, d.run
for update of d;
