-- Columns of the queue that must have a value and get none from us: nothing could be queued.
select case n.nspname when 'public' then quote_ident(c.relname) else format('%I.%I', n.nspname, c.relname) end as place,
       c.relname as rel, quote_ident(a.attname) as col
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.oid = to_regclass('broadcast_messages') and a.attnotnull and a.attidentity = '' and a.attgenerated = ''
  and (a.attname = 'media_url'   -- a text has none
       or not a.atthasdef
          and a.attname not in ('id', 'user_id', 'device_id', 'sequence_id', 'sequence_stepid', 'recipient_phone',
                                'recipient_name', 'message_type', 'content', 'media_url', 'status', 'scheduled_at',
                                'created_at', 'updated_at'))
order by a.attnum;
