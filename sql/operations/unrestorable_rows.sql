-- Removed rows that cannot come back: the id is taken again, or (where the unique key stands) the key's values are.
with removed as materialized (
    select r.unit, r.row_id, r.before ->> 'contact_phone' as phone, (r.before ->> 'sequence_id')::uuid as sequence_id,
           (r.before ->> 'sequence_stepid')::uuid as step_id
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'sequence_contacts'
      and r.after is null
)
select distinct r.unit, c.id is not null as id_taken
from removed r
left join sequence_contacts c on c.id = r.row_id::uuid
where c.id is not null
   or :'unique_key'::boolean
      and (exists (select 1 from sequence_contacts o
                   where o.sequence_id = r.sequence_id
                     and seqconsole.phone_key(o.contact_phone) = seqconsole.phone_key(r.phone) collate "C"
                     and o.sequence_stepid = r.step_id and o.contact_phone::text = r.phone)
           or exists (select 1 from removed o
                      where o.unit = r.unit and o.row_id <> r.row_id and o.phone = r.phone));
