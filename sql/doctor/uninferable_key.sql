-- Unique indexes that look like the key and can't serve as it.
with
-- include: doctor/contact_keys
select count(*) over () as total, array[name] as ids, null::text as phone,
       case when partial then 'it has a WHERE: ' when expression then 'it is over an expression: '
            else 'its columns are others: ' end || definition as detail,
       removal as statement
from judged_key
where valid and not inferable
  and (partial or expression or columns @> array['contact_phone', 'sequence_id'] and cardinality(columns) > 3)
order by name
limit :'limit'::int;
