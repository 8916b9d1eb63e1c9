-- Duplicate groups as they are kept incrementally (refresh_duplicates), in the order of their keys.
select f.key, (f.detail ->> 'sequence_id')::uuid as sequence_id, left(q.name::text, 500) as sequence_name,
       (f.detail ->> 'step_id')::uuid as step_id, s.day_number, f.detail ->> 'phone_key' as phone_key,
       left(f.detail ->> 'name', 500) as name,
       array(select jsonb_array_elements_text(f.detail -> 'states')) as states,
       cardinality(f.ids) as rows, f.since
from seqconsole.findings f
left join sequences q on q.id = (f.detail ->> 'sequence_id')::uuid
left join sequence_steps s on s.id = (f.detail ->> 'step_id')::uuid
where f.kind = 'duplicate' and (:'after'::text is null or f.key > (:'after'::text collate "C"))
order by f.key
limit :'limit'::int;
