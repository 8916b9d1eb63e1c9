-- Enabled triggers on the operator's tables that are not ours.
select count(*) over () as total, array[t.tgname::text] as ids, null::text as phone,
       pg_get_triggerdef(t.oid) as detail,
       format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname) as statement
from pg_trigger t
join pg_proc p on p.oid = t.tgfoid
where not t.tgisinternal and t.tgenabled <> 'D'
  and p.pronamespace is distinct from to_regnamespace('seqconsole')
  and t.tgrelid in (to_regclass('user_devices'), to_regclass('sequences'), to_regclass('sequence_steps'),
                    to_regclass('sequence_contacts'), to_regclass('broadcast_messages'))
order by t.tgrelid::regclass::text, t.tgname
limit :'limit'::int;
