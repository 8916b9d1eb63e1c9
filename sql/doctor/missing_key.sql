-- No unique key that ON CONFLICT (sequence_id, contact_phone, sequence_stepid) could infer.
with
-- include: doctor/contact_keys
select 1::bigint as total, array['sequence_contacts'] as ids, null::text as phone,
       coalesce('unique now: ' || (select string_agg(name, ', ' order by name) from judged_key),
                'no unique index over contact_phone') as detail,
       'create unique index concurrently uk_sequence_contact_stepid on sequence_contacts '
           '(sequence_id, contact_phone, sequence_stepid)' as statement
where to_regclass('sequence_contacts') is not null and not exists (select from judged_key where inferable);
