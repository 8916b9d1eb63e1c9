-- An index of the operator's table calls it, so who may not execute it may not insert.
select count(*) over () as total, array[p.oid::regprocedure::text] as ids, null::text as phone,
       case when has_schema_privilege('public', 'seqconsole', 'usage') then 'no right to execute it'
            else 'no right on its schema' end as detail,
       format(case when has_schema_privilege('public', 'seqconsole', 'usage')
                   then 'grant execute on function %s to public'
                   else 'grant usage on schema seqconsole to public' end, p.oid::regprocedure) as statement
from pg_proc p
where p.pronamespace = to_regnamespace('seqconsole') and p.proname = 'phone_key'
  and not (has_function_privilege('public', p.oid, 'execute') and has_schema_privilege('public', 'seqconsole', 'usage'))
order by 2
limit :'limit'::int;
