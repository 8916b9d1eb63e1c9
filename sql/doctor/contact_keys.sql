-- Unique indexes of sequence_contacts over the person's phone. Included into a WITH.
key as materialized (
    select i.indexrelid, i.indexrelid::regclass::text as name, c.oid as constraint_id, c.conname::text as constraint_name,
           i.indisvalid as valid, i.indpred is not null as partial, i.indexprs is not null as expression,
           pg_get_indexdef(i.indexrelid) as definition,
           array(select a.attname::text from pg_attribute a
                 where a.attrelid = i.indrelid and a.attnum = any((i.indkey::int2[])[0 : i.indnkeyatts - 1])
                 order by a.attname) as columns
    from pg_index i
    left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('u', 'p')
    where i.indrelid = to_regclass('sequence_contacts') and i.indisunique
      and pg_get_indexdef(i.indexrelid) ~ '\mcontact_phone\M'
),
judged_key as materialized (
    select *, valid and not partial and not expression
              and columns = array['contact_phone', 'sequence_id', 'sequence_stepid'] as inferable,
           case when constraint_name is null then format('drop index concurrently %s', name)
                else format('alter table sequence_contacts drop constraint %I', constraint_name) end as removal
    from key
)
