-- Where a stage of the adoption goes on, or that it is done. In the transaction of the portion before that place.
insert into seqconsole.settings (scope, name, value) values ('adoption', :'stage', :'place'::jsonb)
on conflict (scope, key, name) do update set value = excluded.value;
