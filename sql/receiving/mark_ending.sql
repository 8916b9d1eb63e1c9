-- The sequences that end for a person by this reply: their steps are skipped next.
update seqconsole.replies r
set ending = x.sequences, look_at = :'now'::timestamptz
from (select reply_id, phone_key collate "C" as phone_key, array_agg(distinct sequence_id) as sequences
      from unnest(:'reply_ids'::text[], :'phones'::text[], :'sequences'::uuid[]) as u(reply_id, phone_key, sequence_id)
      group by 1, 2) x
where r.phone_key = x.phone_key and r.reply_id = x.reply_id;
