-- An inferable unique key on (sequence_id, contact_phone, sequence_stepid), under whatever name.
select exists (
    select 1 from pg_index i
    where i.indrelid = to_regclass('sequence_contacts') and i.indisunique and i.indisvalid and i.indpred is null
      and i.indexprs is null and i.indnkeyatts = 3
      and (select array_agg(a.attname::text order by a.attname)
           from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any(i.indkey::int2[]))
          = array['contact_phone', 'sequence_id', 'sequence_stepid']) as found;
