-- What allows the simulated gateway here (DESIGN 5). Only `demo` and tests write it.
insert into seqconsole.settings (scope, name, value) values ('database', 'mark', '"demo"')
on conflict (scope, key, name) do update set value = excluded.value
