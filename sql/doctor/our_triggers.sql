-- Triggers of ours that a copy of the database lost or somebody disabled.
select count(*) over () as total, array[w.name] as ids, null::text as phone,
       case when t.oid is null then 'missing on ' else 'disabled on ' end || w.rel as detail,
       case when t.oid is not null then format('alter table %s enable trigger %I', t.tgrelid::regclass, t.tgname) end as statement
from (values
    ('sequence_contacts', 'seqconsole_feed_insert'), ('sequence_contacts', 'seqconsole_feed_update'),
    ('sequence_contacts', 'seqconsole_feed_delete'), ('sequence_contacts', 'seqconsole_feed_truncate'),
    ('broadcast_messages', 'seqconsole_feed_insert'), ('broadcast_messages', 'seqconsole_feed_update'),
    ('broadcast_messages', 'seqconsole_feed_delete'), ('broadcast_messages', 'seqconsole_feed_truncate'),
    ('broadcast_messages', 'seqconsole_guard'),
    ('user_devices', 'seqconsole_feed'), ('user_devices', 'seqconsole_feed_update'), ('user_devices', 'seqconsole_feed_truncate'),
    ('sequences', 'seqconsole_feed'), ('sequences', 'seqconsole_feed_update'), ('sequences', 'seqconsole_feed_truncate'),
    ('sequence_steps', 'seqconsole_feed'), ('sequence_steps', 'seqconsole_feed_update'),
    ('sequence_steps', 'seqconsole_feed_truncate')) as w (rel, name)
left join pg_trigger t on t.tgrelid = to_regclass(quote_ident(w.rel)) and t.tgname = w.name
where t.oid is null or t.tgenabled = 'D'
order by w.rel, w.name
limit :'limit'::int;
