-- The columns that seqconsole relies on (DESIGN 3), each as this database has it: NULL type = missing.
with wanted (rel, col, kind) as (values
    ('user_devices', 'id', 'uuid'), ('user_devices', 'user_id', 'uuid'), ('user_devices', 'device_name', 'text'),
    ('user_devices', 'phone', 'text'), ('user_devices', 'status', 'text'), ('user_devices', 'platform', 'text'),
    ('user_devices', 'min_delay_seconds', 'int'), ('user_devices', 'max_delay_seconds', 'int'),
    ('sequences', 'id', 'uuid'), ('sequences', 'user_id', 'uuid'), ('sequences', 'name', 'text'),
    ('sequences', 'status', 'text'), ('sequences', 'is_active', 'bool'),
    ('sequence_steps', 'id', 'uuid'), ('sequence_steps', 'sequence_id', 'uuid'),
    ('sequence_steps', 'day_number', 'int'), ('sequence_steps', 'trigger_delay_hours', 'int'),
    ('sequence_steps', 'message_type', 'text'), ('sequence_steps', 'content', 'text'),
    ('sequence_steps', 'media_url', 'text'), ('sequence_steps', 'caption', 'text'),
    ('sequence_contacts', 'id', 'uuid'), ('sequence_contacts', 'sequence_id', 'uuid'),
    ('sequence_contacts', 'contact_phone', 'text'), ('sequence_contacts', 'contact_name', 'text'),
    ('sequence_contacts', 'current_step', 'int'), ('sequence_contacts', 'sequence_stepid', 'uuid'),
    ('sequence_contacts', 'status', 'text'), ('sequence_contacts', 'next_trigger_time', 'time'),
    ('sequence_contacts', 'completed_at', 'time'), ('sequence_contacts', 'assigned_device_id', 'uuid'),
    ('sequence_contacts', 'processing_device_id', 'uuid'), ('sequence_contacts', 'processing_started_at', 'time'),
    ('sequence_contacts', 'last_error', 'text'), ('sequence_contacts', 'retry_count', 'int'),
    ('sequence_contacts', 'user_id', 'uuid'),
    ('broadcast_messages', 'id', 'uuid'), ('broadcast_messages', 'user_id', 'uuid'),
    ('broadcast_messages', 'device_id', 'uuid'), ('broadcast_messages', 'sequence_id', 'uuid'),
    ('broadcast_messages', 'sequence_stepid', 'uuid'), ('broadcast_messages', 'recipient_phone', 'text'),
    ('broadcast_messages', 'recipient_name', 'text'), ('broadcast_messages', 'message_type', 'text'),
    ('broadcast_messages', 'content', 'text'), ('broadcast_messages', 'media_url', 'text'),
    ('broadcast_messages', 'status', 'text'), ('broadcast_messages', 'error_message', 'text'),
    ('broadcast_messages', 'scheduled_at', 'time'), ('broadcast_messages', 'sent_at', 'time'),
    ('broadcast_messages', 'created_at', 'time'), ('broadcast_messages', 'updated_at', 'time')
)
select w.rel, w.col, w.kind, c.oid is not null as has_table,
       coalesce(c.relkind in ('r', 'p'), false) as is_table,
       case when n.nspname = 'public' then quote_ident(w.rel)
            when n.nspname is not null then format('%I.%I', n.nspname, w.rel) end as place,
       format_type(a.atttypid, a.atttypmod) as type,
       case when t.typtype = 'e' then 'enum' when t.typcategory = 'N' then 'number' when t.typcategory = 'S' then 'string'
            else t.typname::text end as family,
       case when not k.fits then pg_get_expr(f.adbin, f.adrelid) end as default_value,   -- it waits for a locked table
       k.fits,
       t.typname = 'timestamp' as naive
from wanted w
left join pg_class c on c.oid = to_regclass(quote_ident(w.rel))
left join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = c.oid and a.attname = w.col and a.attnum > 0 and not a.attisdropped
left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
left join pg_type t on t.oid = a.atttypid
cross join lateral (
    select case w.kind
            when 'uuid' then t.typname = 'uuid'
            when 'int' then t.typname in ('int2', 'int4', 'int8')
            when 'bool' then t.typname = 'bool'
            when 'time' then t.typname in ('timestamp', 'timestamptz')
            when 'text' then t.typname in ('text', 'varchar', 'bpchar', 'citext')   -- long enough for what is written there
                             and (a.atttypmod = -1 or a.atttypmod - 4 >= case
                                      when w.col in ('error_message', 'last_error') then 500
                                      when (w.rel, w.col) = ('sequence_contacts', 'status') then length('completed')
                                      when (w.rel, w.col) = ('broadcast_messages', 'status') then length('skipped')
                                      else 0 end)
                             or t.typtype = 'e' and w.col = 'platform'
        end as fits
) k
order by w.rel, w.col;
