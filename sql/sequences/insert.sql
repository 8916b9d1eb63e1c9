-- A sequence of a user, switched off; its place in the journal.
with made as (
    insert into sequences (id, user_id, name, status, is_active, trigger)
    values (:'sequence'::uuid, :'user'::uuid, :'title', 'inactive', false, :'trigger')
    returning *
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, m.id::text, 'sequences', m.id::text, null, row_to_json(m) from made m;
