-- Whether the queue lets these become `sending`, as a claim would write it. The caller takes it back.
update broadcast_messages m
set status = 'sending', updated_at = :'now'::timestamptz
from (select id from broadcast_messages
      where id = any(:'ids'::uuid[]) and status::text = 'pending'
      order by id
      for update skip locked) free
where m.id = free.id;
