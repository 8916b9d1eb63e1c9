-- When the counters were last compared with the rows.
insert into seqconsole.settings (scope, name, value) values ('database', 'recounted_at', to_jsonb(:'now'::timestamptz))
on conflict (scope, key, name) do update set value = excluded.value;
