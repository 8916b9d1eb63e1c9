-- Ledger entries that no longer are as the operation left them; one that it took out must still be out.
select distinct r.unit
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
cross join lateral json_populate_record(null::seqconsole.deliveries, coalesce(r.after, r.before)) a
left join seqconsole.deliveries d on d.phone_key = a.phone_key and d.step_id = a.step_id and d.run = a.run
where r.rel = 'seqconsole.deliveries'
  and case when r.after is null then d.phone_key is not null
           else d.phone_key is null
                or (d.message_id, d.contact_id, d.outcome, d.evidence, d.settled_at)
                   is distinct from (a.message_id, a.contact_id, a.outcome, a.evidence, a.settled_at) end;
