-- The open work that an operation placed, in the order of its key.
select 1
from seqconsole.progress p
where (p.track, p.phone_key, p.run) in (
    select split_part(r.row_id, '|', 1)::uuid, split_part(r.row_id, '|', 2) collate "C", split_part(r.row_id, '|', 3)::smallint
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.progress')
order by p.track, p.phone_key, p.run
for update;
