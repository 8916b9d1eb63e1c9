-- A day since the last count; adoption has counted too.
select coalesce((select max((s.value #>> '{}')::timestamptz) from seqconsole.settings s
                  where s.scope = 'database' and s.key = '' and s.name in ('recounted_at', 'adopted_at')),
                '-infinity') <= :'now'::timestamptz - interval '1 day' as due;
