-- An operator is here now.
insert into seqconsole.settings as s (scope, key, name, value)
values ('operator', :'who', 'seen_at', to_jsonb(:'now'::timestamptz))
on conflict (scope, key, name) do update set value = excluded.value;
