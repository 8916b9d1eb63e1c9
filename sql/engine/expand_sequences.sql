-- A changed sequence or step touches every open track of the sequence: put them on the feed in bounded portions.
insert into seqconsole.changes (at, kind, ids, tracks, phones)
select :'now'::timestamptz, 'contacts', '{}', array_agg(sequence_id), array_agg(phone_key)
from (
    select sequence_id, phone_key, row_number() over () / 1000 as portion
    from (
        select distinct c.sequence_id, seqconsole.phone_key(c.contact_phone) as phone_key
        from sequence_contacts c
        where c.sequence_id = any(:'ids'::uuid[])
          and seqconsole.contact_state(c.status::text) not in ('completed', 'skipped')
        union
        select p.sequence_id, p.phone_key
        from seqconsole.progress p
        where p.sequence_id = any(:'ids'::uuid[]) and p.track = p.sequence_id
    ) t
    where phone_key is not null
) p
group by portion;
