with begun as (delete from seqconsole.settings where scope = 'adoption')
insert into seqconsole.settings (scope, name, value) values ('database', 'adopted_at', to_jsonb(:'now'::timestamptz))
on conflict (scope, key, name) do nothing;
