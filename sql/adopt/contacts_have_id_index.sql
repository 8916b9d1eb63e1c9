-- Does sequence_contacts have a valid unique index on id alone?
select exists (
    select 1
    from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = to_regclass('sequence_contacts') and i.indisvalid and i.indisunique and i.indpred is null
      and i.indnkeyatts = 1 and a.attname = 'id') as found;
