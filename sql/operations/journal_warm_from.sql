-- The start of a warm-up outlives its setting: its images are kept on their own.
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, :'unit', 'seqconsole.devices', d.device_id::text,
       json_build_object('warm_from', b.warm_from), json_build_object('warm_from', d.warm_from)
from unnest(:'ids'::uuid[], :'befores'::timestamptz[]) as b(id, warm_from)
join seqconsole.devices d on d.device_id = b.id;
